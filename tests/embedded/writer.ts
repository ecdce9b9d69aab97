// Writes rows into a database and ends as by a crash: arguments are its folder, the sync mode and how
// many rows.
import { open } from '../../ts/index.ts';

const [path = '', sync, count] = process.argv.slice(2);
const db = await open(path, { sync: sync === 'off' ? 'off' : 'normal' });
const insert = db.prepare('INSERT INTO k VALUES ($1)');
for (let id = 0; id < Number(count); id += 1) await insert.run(id);
process.kill(process.pid, 'SIGKILL');
