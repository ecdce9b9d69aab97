import type { CopyIn } from '../connection/session.ts';
import type { Shell } from './shell.ts';

/** Lines are sent in pieces of about this many characters. */
const PIECE_CHARACTERS = 64 * 1024;

/**
 * Sends the lines that follow in the script, or that the user types, as the data of a COPY; `\.`
 * alone on a line ends them, so does the end of the input.
 */
export async function copyFromSource(shell: Shell, copy: CopyIn): Promise<void> {
  const { source } = shell;
  if (source.isInteractive && !shell.isQuiet) {
    shell.standardOutput.write(
      'Enter data to be copied followed by a newline.\n' +
        'End with a backslash and a period on a line by itself, or an EOF signal.\n',
    );
    shell.standardOutput.flush();
  }
  try {
    let piece = '';
    for (;;) {
      const line = await source.next(shell.variables.get('PROMPT3') ?? '');
      if (line === undefined || line === '\\.') break;
      piece += `${line}\n`;
      if (piece.length < PIECE_CHARACTERS) continue;
      await copy.send(Buffer.from(piece));
      piece = '';
    }
    if (piece !== '') await copy.send(Buffer.from(piece));
    copy.done();
  } catch (error) {
    copy.fail(error instanceof Error ? error.message : String(error));
  }
}
