// The HTTP door: Express with the routes that it is given. Every answer has a request id, every
// failure the one error shape; what the contract names and is not built answers 501.
import compression from 'compression';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Refused } from '../audit/index.ts';
import { RustyError } from '../errors/index.ts';
import {
  admit,
  type Cors,
  checkCrossSite,
  type InjectionFilter,
  type RequestContext,
} from '../gateway/index.ts';
import type { Limits } from '../limits/index.ts';
import type { Metrics } from '../monitoring/metrics.ts';
import type { TraceSpan, Tracing } from '../monitoring/tracing.ts';
import type { Clock } from '../util/clock.ts';
import { keepNumber } from '../util/raw-number.ts';
import {
  type Asked,
  clientOf,
  contextOf,
  rateHeaders,
  requestIdOf,
  SAFE_HEADERS,
  setHeaders,
} from './client-context.ts';
import { toRustyError } from './error-body.ts';
import type { Fail, FailedRequest } from './failure.ts';
import { notBuilt } from './not-built.ts';
import { Reply } from './reply.ts';
import { beginRequestSpan, endRequestSpan } from './request-span.ts';
import type { RestAudit } from './rest-audit.ts';
import type { Route, RouteRequest } from './route.ts';
import { settleAtEnd } from './settling.ts';
import { checkTrustedMode } from './trusted-mode.ts';
import { validate } from './validate.ts';

export interface RestAppOptions {
  readonly routes: readonly Route[];
  readonly fail: Fail;
  readonly metrics: Metrics;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  readonly audit: RestAudit;
  /** Undefined where tracing is off. */
  readonly tracing: Tracing | undefined;
  readonly cors: Cors;
  readonly injection: InjectionFilter;
  /** Pages and files beside the routes. */
  readonly mount?: (app: Express) => void;
}

const idOf = (response: Response): string => String(response.getHeader('X-Request-Id'));

/** What every answer has, whatever it comes to. */
function giveHeaders(cors: Cors) {
  return ({ headers }: Request, response: Response, next: NextFunction): void => {
    response.setHeader('X-Request-Id', requestIdOf(headers));
    setHeaders(response, SAFE_HEADERS);
    setHeaders(response, cors.headersFor(headers.origin));
    if (cors.isOn) response.vary('Origin');
    next();
  };
}

/** Judges who asks by the head, and answers browsers that ask whether they may. */
function checkOrigin(cors: Cors) {
  return ({ method, headers }: Request, response: Response, next: NextFunction): void => {
    checkTrustedMode(headers, cors);
    checkCrossSite(method, headers, cors);
    const isPreflight = headers['access-control-request-method'] !== undefined;
    const allowed =
      method === 'OPTIONS' && isPreflight ? cors.preflight(headers.origin) : undefined;
    if (allowed === undefined) {
      next();
      return;
    }
    setHeaders(response, allowed);
    response.status(204).end();
  };
}

/** Aborts when the client goes before its answer is complete. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Runs a route's handler; where it is audited, records what came of it. */
async function run(
  route: Route,
  { audit, injection }: RestAppOptions,
  request: Request,
  response: Response,
): Promise<void> {
  if (route.isAudited !== true) return answer(route, injection, request, response);
  const event = { type: 'administration', action: route.id, ...whoOf(request, response) } as const;
  try {
    await answer(route, injection, request, response);
    audit.record({ ...event, result: 'success' });
  } catch (error) {
    const { code, message } = toRustyError(error);
    audit.record({ ...event, result: 'failure', metadata: { code, message } });
    throw error;
  }
}

function whoOf(request: Request, response: Response): Refused & { readonly clientIp: string } {
  const { clientAddress: clientIp } = clientOf(request.socket);
  // Trusted connections are the superuser; there are no other users yet.
  const user = 'rustydb';
  return { user, clientIp, requestId: idOf(response), resource: pathOf(request) };
}

/** As it came, without the query, which may have values of rows. */
const pathOf = ({ originalUrl }: Request): string => originalUrl.split('?')[0] ?? '';

/** Lets a request in, or throws; either way the client is told of its rates. */
function letIn(request: Request, response: Response, asked: Asked, clock: Clock): void {
  const client = clientOf(request.socket);
  const context = contextOf(client, request.headers, idOf(response), asked);
  const { trace } = response.locals as { trace?: TraceSpan };
  if (trace !== undefined) context.trace = trace;
  const gateway = trace?.child('gateway');
  try {
    admit(context);
  } finally {
    gateway?.end();
    setHeaders(response, rateHeaders(context));
  }
  response.locals.context = context;
  settleAtEnd(context, response, request.socket, clock);
}

/** The same before anything of the request is read. */
function doorOf({ limits, clock }: RestAppOptions, route?: Route) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const asked = { limits, method: request.method, route: route?.path ?? '' };
    letIn(request, response, asked, clock);
    next();
  };
}

async function answer(
  route: Route,
  injection: InjectionFilter,
  request: Request,
  response: Response,
): Promise<void> {
  const context = response.locals.context as RequestContext;
  const { searchParams: search, pathname } = new URL(request.originalUrl, 'http://localhost');
  const body = route.bodySchema === undefined ? undefined : jsonBody(request);
  const query = route.querySchema === undefined ? undefined : Object.fromEntries(search);
  const checked: RouteRequest<unknown, unknown, unknown> = {
    path: validate(route.pathSchema, request.params, 'path'),
    query: validate(route.querySchema, query, 'query'),
    body: validate(route.bodySchema, body, 'body'),
    headers: request.headers,
    isHead: request.method === 'HEAD',
    rawPath: pathname,
    search,
    stream: request,
    context,
    signal: goneSignal(response),
  };
  if (route.makesStatements === true) {
    const { requestId } = context;
    injection.check({ requestId, route: route.path, search, body: [request.params, body] });
  }
  await route.handle(checked, new Reply(response));
}

function jsonBody(request: Request): unknown {
  const type = request.headers['content-type'];
  if (type !== undefined && request.is(['json', '+json']) === false) {
    throw RustyError.of('UNSUPPORTED_MEDIA_TYPE', { what: type, accepted: 'application/json' });
  }
  return request.body === undefined ? {} : request.body;
}

/** Counts the answers of a route, whatever they come to. */
function counter(path: string, { metrics, clock, audit, tracing }: RestAppOptions) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const startMs = clock.monotonicMs();
    const { method, headers } = request;
    const about = { method, route: `/api/v1${path}`, requestId: idOf(response) };
    const span = tracing && beginRequestSpan(tracing, headers, about);
    if (span !== undefined) {
      response.locals.trace = span;
      response.setHeader('traceparent', span.traceparent);
    }
    response.on('close', () => {
      const seconds = (clock.monotonicMs() - startMs) / 1000;
      metrics.requests(request.method, path).add(response.statusCode, seconds);
      if (span !== undefined) endRequestSpan(span, response.statusCode);
      audit.request(request.method, response.statusCode, seconds, () => whoOf(request, response));
    });
    next();
  };
}

/** Where a route answers, as Express writes it. */
function placesOf({ path, atRoot = false }: Route): string[] {
  const place = path.replace(/\{(\w+)\}/g, ':$1');
  return [`/api/v1${place}`, ...(atRoot ? [place] : [])];
}

function refuseWhatIsNotBuilt({ method, path }: Request): void {
  const what = notBuilt(method, path);
  if (what !== undefined) throw RustyError.of('NOT_IMPLEMENTED', { what });
}

/** Every path once, with what it allows; another method is 405. */
function refuseMethods(app: Express, routes: readonly Route[]): void {
  const byPath = Object.groupBy(routes, ({ path }) => path);
  for (const group of Object.values(byPath)) {
    const [first] = group ?? [];
    if (group === undefined || first === undefined) continue;
    const allowed = group.map(({ method }) => method.toUpperCase()).join(', ');
    app.all(placesOf(first), (request, response) => {
      refuseWhatIsNotBuilt(request);
      response.setHeader('Allow', allowed);
      throw RustyError.of('METHOD_NOT_ALLOWED', { method: request.method, allowed });
    });
  }
}

function failedOf(request: Request, response: Response): FailedRequest {
  const { clientAddress } = clientOf(request.socket);
  return { requestId: idOf(response), path: request.path, method: request.method, clientAddress };
}

/** The application; it listens nowhere yet. */
export function restApp(options: RestAppOptions): Express {
  const { routes, fail, maxBodyBytes, cors, mount } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(giveHeaders(cors), checkOrigin(cors), compression());
  const parsing = { limit: maxBodyBytes, strict: false, type: ['json', '+json'] };
  const json = express.json(parsing);
  const exactJson = express.json({ ...parsing, reviver: keepNumber });
  for (const one of routes) {
    const parser = one.keepsNumbers === true ? exactJson : json;
    const parsers = one.bodySchema === undefined ? [] : [parser];
    const count = counter(one.path, options);
    const door = doorOf(options, one);
    app[one.method](
      placesOf(one),
      count,
      door,
      ...parsers,
      (request: Request, response: Response) => run(one, options, request, response),
    );
  }
  mount?.(app);
  app.use(doorOf(options));
  refuseMethods(app, routes);
  app.use((request: Request) => {
    refuseWhatIsNotBuilt(request);
    throw RustyError.of('NOT_FOUND', { what: `${request.method} ${request.path}` });
  });
  app.use((thrown: unknown, request: Request, response: Response, _next: NextFunction) =>
    fail(thrown, failedOf(request, response), response),
  );
  return app;
}
