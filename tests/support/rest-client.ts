import type { ExecutionContext } from 'ava';
import { Contract } from './contract.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './server.ts';

/** An answer with its body as text and, where it is JSON, as a value. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

export interface RestRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
}

/** A server with its HTTP door. */
export interface RestServer {
  readonly url: string;
  readonly server: TestServer;
  /** Judges every answer by the server's own document. */
  readonly contract: Contract;
  /** `path` is under `/api/v1`. */
  request(path: string, request?: RestRequest): Promise<RestAnswer>;
  /** Runs statements, in order; throws what the first that fails answers. */
  sql(...statements: readonly string[]): Promise<readonly RestAnswer[]>;
  stop(): Promise<number | null>;
}

async function send(contract: Contract, url: string, request: RestRequest): Promise<RestAnswer> {
  const { method = 'GET', headers = {}, body } = request;
  const response = await contract.fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  const isOne = !/ndjson/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && isOne ? JSON.parse(text) : undefined,
  };
}

/** Starts a server; the caller stops it. */
export async function startRestServer(options: TestServerOptions = {}): Promise<RestServer> {
  const server = await startTestServer(options);
  const url = `http://127.0.0.1:${server.httpPort}/api/v1`;
  const contract = await Contract.of(url);
  const request = (path: string, given: RestRequest = {}) => send(contract, `${url}${path}`, given);
  return {
    url,
    server,
    contract,
    request,
    async sql(...statements) {
      const answers: RestAnswer[] = [];
      for (const sql of statements) {
        const answer = await request('/query', { method: 'POST', body: { sql } });
        if (answer.status !== 200) throw new Error(`${sql}: ${answer.text}`);
        answers.push(answer);
      }
      return answers;
    },
    stop: () => server.stop(),
  };
}

/** The answer is a failure of this status and code; gives its error. */
export function assertFails(
  t: ExecutionContext,
  answer: RestAnswer,
  status: number,
  code: string,
): Readonly<Record<string, unknown>> {
  t.is(answer.status, status, answer.text);
  t.is(answer.body?.error?.code, code, answer.text);
  return answer.body?.error ?? {};
}
