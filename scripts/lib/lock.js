// One set-up at a time in one tree: `npm start` and `npm test` may be called together.
//
// The lock is a file that holds its owner's process id. An owner that is gone (killed, machine
// restarted) is noticed and its lock taken over by renaming it away, which only one waiter can do.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const POLL_MS = 100;

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readOwner(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function removeStale(path, owner) {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  // Somebody else took over between our look and our rename: give theirs back.
  if (readFileSync(aside, 'utf8') !== owner) renameSync(aside, path);
  else rmSync(aside);
}

/** Runs `body` while holding the lock file; `onWait(pid)` is called once if another holds it. */
export function withLock(path, body, onWait) {
  let told = false;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readOwner(path);
    const pid = Number(owner);
    if (owner !== undefined && owner !== '' && !isAlive(pid)) {
      removeStale(path, owner);
      continue;
    }
    if (!told && owner) onWait(pid);
    told = told || Boolean(owner);
    sleep(POLL_MS);
  }
  try {
    return body();
  } finally {
    rmSync(path, { force: true });
  }
}
