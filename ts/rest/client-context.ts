// Who asks: what every request of the HTTP door is told apart by.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, OutgoingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { HeaderList, RequestContext } from '../gateway/index.ts';
import type { LimitedClient, Limits } from '../limits/index.ts';

/** A request id that a client may give: what is safe in a header and a log line. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * The headers of every answer, beside its request id: it is what its type says, is shown in no frame,
 * and what it links to does not hear where it is. Names and values in turn; pages have a policy of
 * their own.
 */
export const SAFE_HEADERS = [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy',
  'no-referrer',
] as const;

/** Sets headers that are names and values in turn. */
export function setHeaders(response: OutgoingMessage, headers: HeaderList): void {
  for (let at = 0; at < headers.length; at += 2) {
    response.setHeader(headers[at] ?? '', headers[at + 1] ?? '');
  }
}

/** The client's request id where it is one, else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Who is at the other end of a connection. */
export interface Client extends Pick<RequestContext, 'clientAddress' | 'isLocal'> {
  /** As it was limited last: mostly so again. */
  limited?: LimitedClient;
}

export function clientOf({ remoteAddress = '', remotePort }: Socket): Client {
  return {
    clientAddress: `${remoteAddress}:${remotePort}`,
    isLocal: /^(?:::1|127\.|::ffff:127\.)/.test(remoteAddress),
  };
}

/** The address without the port. */
export function addressOfClient(clientAddress: string): string {
  return clientAddress.slice(0, clientAddress.lastIndexOf(':'));
}

/** Trusted connections are the superuser; there are no other users yet. */
const USER = 'rustydb';
const DATABASE = 'rustydb';

/** What a request asks for, as the limiter tells it from others. */
export interface Asked {
  readonly limits: Limits;
  readonly method: string;
  /** As the route is written: `/tables/{name}`. */
  readonly route: string;
}

function limitedOf(client: Client, { limits, method, route }: Asked, application: string) {
  const { limited } = client;
  if (limited?.fits(method, route, application) === true) return limited;
  const { clientAddress } = client;
  client.limited = limits.client({
    protocol: 'rest',
    method,
    route,
    // Of all ports of a client.
    address: addressOfClient(clientAddress),
    user: USER,
    isProved: false,
    database: DATABASE,
    application,
  });
  return client.limited;
}

/** What the gateway is told of a request. */
export function contextOf(
  client: Client,
  headers: IncomingHttpHeaders,
  requestId: string,
  asked: Asked,
): RequestContext {
  const { clientAddress, isLocal } = client;
  const application = headers['user-agent'] ?? '';
  return {
    protocol: 'rest',
    requestId,
    clientAddress,
    isLocal,
    claimedUser: USER,
    database: DATABASE,
    application,
    limited: limitedOf(client, asked, application),
  };
}

/** The headers that tell a client of its rates: names and values in turn. */
export function rateHeaders({ rate }: RequestContext): readonly string[] {
  if (rate === undefined) return [];
  const { limit, remaining, resetMs } = rate;
  return [
    'RateLimit-Limit',
    String(limit),
    'RateLimit-Remaining',
    String(remaining),
    'RateLimit-Reset',
    String(Math.ceil(resetMs / 1000)),
  ];
}
