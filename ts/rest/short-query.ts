// The short way of `POST /query`: a request as clients mostly send it, with a small body of JSON whose
// length it says, is answered without the application's layers, whether node:http read it or the
// express lane. What is not so takes the long way; an answer is the same on each.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { admit, type Cors, checkCrossSite } from '../gateway/index.ts';
import type { Limits } from '../limits/index.ts';
import type { RequestCounts } from '../monitoring/request-counts.ts';
import type { TraceSpan, Tracing } from '../monitoring/tracing.ts';
import type { QueryService } from '../services/query-service.ts';
import type { Clock } from '../util/clock.ts';
import type { AnswerTarget } from './answer-target.ts';
import {
  type Asked,
  clientOf,
  contextOf,
  rateHeaders,
  requestIdOf,
  SAFE_HEADERS,
} from './client-context.ts';
import { bodyTooLarge, type Fail, type FailedRequest, noJson } from './failure.ts';
import { isJson } from './json-type.ts';
import type { LaneRequest } from './lane/lane-connection.ts';
import { COMPRESSED_MIN_BYTES, encodingOf, isCompressed } from './lane/lane-encoding.ts';
import type { LaneResponse } from './lane/lane-response.ts';
import { BODY_MAX_BYTES } from './lane/plain-request.ts';
import { answerQuery, plainBodyOf, type QueryBody, type QueryRequest } from './query-answer.ts';
import { beginRequestSpan, endRequestSpan } from './request-span.ts';
import type { RestAudit } from './rest-audit.ts';
import { settleAtEnd } from './settling.ts';
import { StreamReply, type StreamReplyOptions } from './stream-reply.ts';
import { checkTrustedMode } from './trusted-mode.ts';

/** Its name in counts. */
export const QUERY_ENDPOINT = '/query';
const PATH = `/api/v1${QUERY_ENDPOINT}`;
type OnHead = NonNullable<StreamReplyOptions['onHead']>;

export interface ShortQueryOptions {
  readonly queries: QueryService;
  readonly counts: RequestCounts;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly fail: Fail;
  readonly maxBodyBytes: number;
  readonly audit: RestAudit;
  /** Undefined where tracing is off. */
  readonly tracing: Tracing | undefined;
  readonly cors: Cors;
  /** Checks bodies that are not seen to be valid at a glance. */
  readonly bodyOf: (body: unknown) => QueryBody | Promise<QueryBody>;
  /** Makes a response of node:http compress what goes out; only where `take` is used. */
  readonly compress?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** What is known of a request once the gateway has let it in. */
interface Begun {
  /** Headers of its answer. */
  readonly own: string[];
  readonly span: TraceSpan | undefined;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw noJson(error as Error);
  }
}

const failedOf = ({ client }: LaneRequest, requestId: string): FailedRequest => ({
  requestId,
  path: PATH,
  method: 'POST',
  clientAddress: client.clientAddress,
});

export class ShortQuery {
  readonly #options: ShortQueryOptions;
  /** What answers depend on beside their requests. */
  readonly #vary: string;
  /** Aborts when a client is gone: its statement is then of no use. */
  readonly #gone = new WeakMap<Socket, AbortSignal>();
  readonly #asked: Asked;

  constructor(options: ShortQueryOptions) {
    this.#options = options;
    this.#vary = options.cors.isOn ? 'Origin, Accept-Encoding' : 'Accept-Encoding';
    this.#asked = { limits: options.limits, method: 'POST', route: QUERY_ENDPOINT };
  }

  /** Takes a request on, or answers false: then it is as it was. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url, headers } = request;
    if (method !== 'POST' || url !== PATH) return false;
    const length = Number(headers['content-length']);
    const isShort = length > 0 && length <= BODY_MAX_BYTES && length <= this.#options.maxBodyBytes;
    if (!isShort || !isJson(headers)) return false;
    const startMs = this.#options.clock.monotonicMs();
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      const { socket } = request;
      const asked = { headers, body, client: clientOf(socket), signal: this.#goneSignal(socket) };
      this.#answerFrom(startMs, asked, response, (length = Number.POSITIVE_INFINITY) => {
        const isWanted = headers['accept-encoding'] !== undefined;
        if (isWanted && length >= COMPRESSED_MIN_BYTES) {
          this.#options.compress?.(request, response);
        }
      });
    });
    return true;
  }

  /** Answers what came by the lane. */
  readonly answer = (request: LaneRequest, response: LaneResponse): void => {
    const startMs = this.#options.clock.monotonicMs();
    const encoding = encodingOf(request.headers['accept-encoding']);
    const onHead: OnHead | undefined =
      encoding &&
      ((length, contentType) => {
        if (isCompressed(contentType, length)) response.compress(encoding);
      });
    this.#answerFrom(startMs, request, response, onHead);
  };

  #answerFrom(startMs: number, asked: LaneRequest, response: AnswerTarget, onHead?: OnHead): void {
    const requestId = requestIdOf(asked.headers);
    const own = ['X-Request-Id', requestId, ...SAFE_HEADERS, 'Vary', this.#vary];
    const { origin } = asked.headers;
    if (origin !== undefined) own.push(...this.#options.cors.headersFor(origin));
    const span = this.#options.tracing && this.#beginSpan(asked, requestId, own);
    const begun: Begun = { own, span };
    const count = (): void => {
      const seconds = (this.#options.clock.monotonicMs() - startMs) / 1000;
      this.#options.counts.add(response.statusCode, seconds);
      if (span !== undefined) endRequestSpan(span, response.statusCode);
      if (this.#options.audit.recordsRequests) {
        const { clientAddress: clientIp } = asked.client;
        const who = { user: 'rustydb', clientIp, requestId, resource: PATH };
        this.#options.audit.request('POST', response.statusCode, seconds, () => who);
      }
    };
    const fail = (error: unknown): void =>
      this.#options.fail(error, failedOf(asked, requestId), response, own);
    try {
      const reply = new StreamReply(response, { headers: own, ...(onHead && { onHead }) });
      const answered = this.#answer(asked, requestId, begun, response, reply);
      if (answered !== undefined) {
        void answered.catch(fail).then(count);
        return;
      }
    } catch (error) {
      fail(error);
    }
    count();
  }

  #answer(
    { headers, body: bytes, client, signal }: LaneRequest,
    requestId: string,
    begun: Begun,
    response: AnswerTarget,
    reply: StreamReply,
  ): void | Promise<void> {
    const { span } = begun;
    const { cors } = this.#options;
    checkTrustedMode(headers, cors);
    checkCrossSite('POST', headers, cors);
    if (bytes.length > this.#options.maxBodyBytes) {
      throw bodyTooLarge(this.#options.maxBodyBytes);
    }
    const context = contextOf(client, headers, requestId, this.#asked);
    if (span !== undefined) context.trace = span;
    const gateway = span?.child('gateway');
    try {
      admit(context);
    } finally {
      gateway?.end();
      begun.own.push(...rateHeaders(context));
    }
    const { queries, bodyOf, clock } = this.#options;
    settleAtEnd(context, response, response.socket, clock);
    const asked = parsed(bytes);
    const body = plainBodyOf(asked) ?? bodyOf(asked);
    const answer = (valid: QueryBody): void | Promise<void> => {
      const request: QueryRequest = { body: valid, headers, context, signal };
      return answerQuery(queries, request, reply);
    };
    return body instanceof Promise ? body.then(answer) : answer(body);
  }

  #beginSpan({ headers }: LaneRequest, requestId: string, own: string[]): TraceSpan | undefined {
    const about = { method: 'POST', route: PATH, requestId };
    const span = beginRequestSpan(this.#options.tracing, headers, about);
    if (span !== undefined) own.push('traceparent', span.traceparent);
    return span;
  }

  #goneSignal(socket: Socket): AbortSignal {
    const known = this.#gone.get(socket);
    if (known !== undefined) return known;
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    this.#gone.set(socket, gone.signal);
    return gone.signal;
  }
}
