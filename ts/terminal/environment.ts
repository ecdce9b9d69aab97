import type { ReadStream, WriteStream } from 'node:tty';
import type { Clock } from '../util/clock.ts';

/** What the terminal commands reach of the world outside; handed in by the program. */
export interface TerminalEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly version: string;
  readonly stdin: NodeJS.ReadStream | ReadStream;
  readonly stdout: NodeJS.WriteStream | WriteStream;
  readonly stderr: NodeJS.WriteStream | WriteStream;
  /** The user's home directory. */
  readonly home: string;
  /** Calls back at each Ctrl-C; the function that is given back ends that. */
  onInterrupt(callback: () => void): () => void;
}
