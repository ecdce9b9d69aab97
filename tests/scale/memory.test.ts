import test from 'ava';
import { runMemory } from './memory.ts';

// With so many rows, COPY fills 256 KiB of output, and so its buffers, to the last byte.
test('memory: long results arrive whole, quick or slow readers, in every protocol', async (t) => {
  const report = (line: string) => t.log(line);
  const sizes = { loadBytes: 8 * 1024 * 1024, generatedRows: 50_000, pauseMs: 20 };
  t.deepEqual(await runMemory({ ...sizes, report }), []);
});
