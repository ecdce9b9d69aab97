// The package brings no types of its own.
declare module 'pg-copy-streams' {
  import type { Readable, ReadableOptions, Writable, WritableOptions } from 'node:stream';
  import type { Submittable } from 'pg';

  /** Rows as the server's tag counts them, once it has ended. */
  interface Counted {
    readonly rowCount: number;
  }

  /** Takes the data of `COPY ... FROM STDIN`. */
  export function from(text: string, options?: WritableOptions): Writable & Submittable & Counted;
  /** Gives the data of `COPY ... TO STDOUT`. */
  export function to(text: string, options?: ReadableOptions): Readable & Submittable & Counted;
}
