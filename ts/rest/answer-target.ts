import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/**
 * What an answer is written to: a response of node:http, or one of the express lane. It emits `finish`
 * once all was written, or `close`.
 */
export interface AnswerTarget extends EventEmitter {
  readonly req: { readonly method?: string | undefined };
  /** Null once all was written. */
  readonly socket: Socket | null;
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  readonly statusCode: number;
  /** `headers` are names and values in turn. */
  writeHead(status: number, headers: string[]): unknown;
  /** False where the client is slow: `drain` follows, or `close`. */
  write(chunk: Buffer | string, encoding?: BufferEncoding): boolean;
  end(chunk?: Buffer | string, encoding?: BufferEncoding): unknown;
  /** Breaks the connection. */
  destroy(): unknown;
}
