import type { Readable } from 'node:stream';
import { openInput } from './open-input.ts';

/** What is shown of a line, in bytes. */
const SHOWN_BYTES = 200;

/** The start of a line of a file, unpacked; undefined where it is not there any more. */
export async function lineOfFile(
  path: string,
  line: number,
  standardInput: Readable,
): Promise<string | undefined> {
  const input = openInput(path, standardInput);
  let before = line - 1;
  let shown = Buffer.alloc(0);
  try {
    for await (const chunk of input.bytes()) {
      let at = 0;
      for (; before > 0; before -= 1) {
        const end = chunk.indexOf(10, at);
        if (end === -1) break;
        at = end + 1;
      }
      if (before > 0) continue;
      shown = Buffer.concat([shown, chunk.subarray(at, at + SHOWN_BYTES)]);
      if (shown.includes(10) || shown.length >= SHOWN_BYTES) break;
    }
  } catch {
    return undefined;
  } finally {
    input.close();
  }
  const end = shown.indexOf(10);
  const text = shown.subarray(0, end === -1 ? SHOWN_BYTES : end).toString('utf8');
  return text === '' ? undefined : text.replace(/\r$/, '');
}
