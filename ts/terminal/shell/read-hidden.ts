import type { TerminalEnvironment } from '../environment.ts';

const ENTER = ['\r', '\n', '\u0004'];
const INTERRUPT = '\u0003';
const ERASE = ['\u007f', '\b'];

/** Reads a line that is not shown; undefined where nobody is there to ask, or after Ctrl-C. */
export function readHidden(
  { stdin, stderr }: TerminalEnvironment,
  prompt: string,
): Promise<string | undefined> {
  if (!stdin.isTTY) return Promise.resolve(undefined);
  stderr.write(prompt);
  const wasRaw = stdin.isRaw;
  stdin.setRawMode(true);
  stdin.resume();
  let typed = '';
  return new Promise((resolve) => {
    const end = (value: string | undefined) => {
      stdin.off('data', take);
      stdin.setRawMode(wasRaw);
      stdin.pause();
      stderr.write('\n');
      resolve(value);
    };
    const take = (chunk: Buffer | string) => {
      for (const character of chunk.toString()) {
        if (ENTER.includes(character)) return end(typed);
        if (character === INTERRUPT) return end(undefined);
        typed = ERASE.includes(character) ? typed.slice(0, -1) : typed + character;
      }
    };
    stdin.on('data', take);
  });
}
