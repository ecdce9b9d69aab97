// Preloaded into a server under test (`--import`, with `--expose-gc`): SIGUSR2 makes each of its
// JavaScript threads collect all garbage and give the memory back, so that what is resident
// afterwards is in use.
import { isMainThread } from 'node:worker_threads';

const collect = (): void => {
  (globalThis as { gc?: (how: object) => void }).gc?.({ type: 'major', flavor: 'last-resort' });
};

// Signals reach the main thread only.
const channel = new BroadcastChannel('collect-garbage');
if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage(undefined);
    collect();
  });
} else {
  channel.addEventListener('message', collect);
}
// Nothing waits for this.
(channel as unknown as { unref(): void }).unref();
