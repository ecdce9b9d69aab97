import * as addon from './addon.ts';
import { awaitNative, callNative } from './native-error.ts';

export interface EngineOptions {
  /** The data directory, or `:memory:`. */
  readonly path: string;
  readonly bufferPoolBytes: number;
  readonly sync: 'full' | 'normal' | 'off';
  /** The most sessions at a time. */
  readonly maxSessions: number;
}

/** What a check of a data directory found. */
export interface VerifyResult {
  readonly pages: number;
  /** One sentence each; empty where all is well. */
  readonly problems: readonly string[];
}

/** An open data directory. Shared by all threads of the process; close it once. */
export class Engine {
  readonly #handle: number;
  #closing: Promise<void> | undefined;

  private constructor(handle: number) {
    this.#handle = handle;
  }

  /** Opens the directory, makes it when it is empty, recovers it when it was not closed. */
  static async open(options: EngineOptions): Promise<Engine> {
    return new Engine(await awaitNative(() => addon.engineOpen({ ...options })));
  }

  /** An engine that another thread of this process has open. It is closed there. */
  static shared(handle: number): Engine {
    return new Engine(handle);
  }

  /** The number that a front is opened with. */
  get handle(): number {
    return this.#handle;
  }

  /** Counters and gauges by name. */
  statistics(): Readonly<Record<string, number>> {
    return JSON.parse(callNative(() => addon.engineStatistics(this.#handle)));
  }

  /** Ends statements, makes a checkpoint, releases the directory. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= awaitNative(() => addon.engineClose(this.#handle));
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Checks every page, index and the log of a directory that no server has open. */
  static async verify(path: string): Promise<VerifyResult> {
    return JSON.parse(await awaitNative(() => addon.engineVerify(path)));
  }
}
