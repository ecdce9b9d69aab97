// Who asks: what every request of the HTTP door is told apart by.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, OutgoingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { HeaderList, RequestContext } from '../gateway/index.ts';

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
export type Client = Pick<RequestContext, 'clientAddress' | 'isLocal'>;

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

/** What the gateway is told of a request. */
export function contextOf(
  { clientAddress, isLocal }: Client,
  headers: IncomingHttpHeaders,
  requestId: string,
): RequestContext {
  return {
    protocol: 'rest',
    requestId,
    clientAddress,
    isLocal,
    // Trusted connections are the superuser; there are no other users yet.
    claimedUser: 'rustydb',
    database: 'rustydb',
    application: headers['user-agent'] ?? '',
  };
}
