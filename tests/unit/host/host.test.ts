import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { getAffinity, raiseFileLimit, sdNotify, setAffinity } from '../../../ts/host/index.ts';

const onLinux = process.platform === 'linux' ? test.serial : test.serial.skip;

test('the file limit never sinks, and wishes beyond the hard limit get as much as there is', (t) => {
  const first = raiseFileLimit(16);
  t.is(first.files, first.before);
  const most = raiseFileLimit(2 ** 40);
  t.true(most.files >= first.files);
  t.is(raiseFileLimit(16).files, most.files);
});

onLinux('affinity is read and set', (t) => {
  const before = getAffinity();
  t.true(before.length >= 1);
  const [first] = before;
  setAffinity([first ?? 0]);
  t.deepEqual(getAffinity(), [first]);
  setAffinity(before);
  t.deepEqual(getAffinity(), before);
  t.throws(() => setAffinity([5000]), { message: 'no processor 5000' });
});

test('nobody is told where nobody asked', (t) => {
  t.false(sdNotify('READY=1', undefined));
});

onLinux('the service manager gets the datagram', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-notify-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  const host = new URL('../../../ts/host/sd-notify.ts', import.meta.url).href;
  // python3 is a tool of the set-up, and has the datagram sockets that Node lacks.
  const script = `
import socket, subprocess, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
server.settimeout(30)
subprocess.run([sys.argv[2], '-e', sys.argv[3]], check=True)
print(server.recv(100).decode())
`;
  const notify = `import(${JSON.stringify(host)}).then((m) => m.sdNotify('READY=1', ${JSON.stringify(path)}))`;
  const result = spawnSync('python3', ['-c', script, path, process.execPath, notify], {
    encoding: 'utf8',
  });
  t.is(result.stdout.trim(), 'READY=1', result.stderr);
  t.throws(() => sdNotify('READY=1', join(folder, 'absent')), { message: /^sendto .*absent: / });
});
