import type { ConnectionOptions } from '../connection/connection-options.ts';
import type { FileFormat } from '../transfer/format.ts';

/** What a command line of `rustydb import` asks for. */
export interface ImportOptions {
  readonly connection: ConnectionOptions;
  /** At least one; `-` is standard input. */
  readonly files: readonly string[];
  /** Undefined takes the name of the first file. */
  readonly table: string | undefined;
  /** Whether a table is made: where it is not there, in any case, or never. */
  readonly create: 'if-missing' | 'always' | 'never';
  /** Undefined goes by the files' names. */
  readonly format: FileFormat | undefined;
  readonly delimiter: string | undefined;
  readonly quote: string;
  readonly nullText: string;
  /** Undefined finds it out. */
  readonly header: boolean | undefined;
  readonly columns: readonly string[] | undefined;
  readonly onError: 'stop' | 'skip';
  /** The most lines that may be left out; undefined is any number. */
  readonly rejectLimit: number | undefined;
  /** The file that lines which were left out are written to. */
  readonly report: string | undefined;
  /** Undefined shows it on a screen. */
  readonly progress: boolean | undefined;
}
