// All set-up that `npm start` and `npm test` need, in one place: the locked npm dependencies (with
// the Node that everything else runs on), libclang where the machine has none, the addons.
//
// Plain JavaScript on Node's own modules, because it runs before anything is installed, on whatever
// Node the machine has (20 or newer). Nothing to do costs well under half a second. It writes to
// standard error only: the standard output of `npm start` belongs to the server.
//
//   node scripts/setup.js [--no-addon]
import { join } from 'node:path';
import { buildAddon, isAddonBuilt } from './lib/addon.js';
import { install, isInstalled } from './lib/install.js';
import { buildKernels, isKernelsBuilt } from './lib/kernels.js';
import { withLock } from './lib/lock.js';
import { ROOT } from './lib/paths.js';
import { main, ScriptError } from './lib/run.js';

const NODE_MIN = 20;

await main(() => {
  if (Number(process.versions.node.split('.')[0]) < NODE_MIN) {
    throw new ScriptError(
      `missing node ${NODE_MIN}: this is ${process.version}, install a newer one`,
    );
  }
  const steps = [{ isDone: isInstalled, run: install }];
  if (!process.argv.includes('--no-addon')) {
    steps.push({ isDone: isKernelsBuilt, run: buildKernels });
    steps.push({ isDone: isAddonBuilt, run: buildAddon });
  }
  if (steps.every((step) => step.isDone())) return;
  const onWait = (pid) => process.stderr.write(`set-up: waiting for the one of process ${pid}\n`);
  withLock(
    join(ROOT, '.setup.lock'),
    () => {
      for (const step of steps) if (!step.isDone()) step.run();
    },
    onWait,
  );
});
