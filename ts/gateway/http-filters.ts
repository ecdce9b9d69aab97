// What is judged of a request of HTTP by its head alone, whichever way it came; who asks is not known
// yet. A method is what the start line says: no header and no parameter overrides it.
import { RustyError } from '../errors/index.ts';
import type { Cors } from './cors.ts';

/** Further ones would be dropped by node:http in silence, and no client of ours needs as many. */
const HEADERS_MAX = 200;

/** Methods that change nothing. */
const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/** A request with as many headers is a fault or an attack. */
export function checkHeaderCount(count: number): void {
  if (count <= HEADERS_MAX) return;
  throw RustyError.of('PAYLOAD_TOO_LARGE', {
    what: `a head of ${count} headers`,
    limit: `${HEADERS_MAX} headers`,
  });
}

/** What a browser says of where a request comes from. */
interface Origins {
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

/**
 * Refuses what a page of another site makes its browser send without asking first (CSRF), unless its
 * origin may call. There are no sessions by cookie; but local clients are trusted by where they are,
 * which a browser is too, and so would its pages be.
 */
export function checkCrossSite(method: string, headers: Origins, cors: Cors): void {
  if (headers['sec-fetch-site'] !== 'cross-site' || SAFE.includes(method)) return;
  if (headers.origin !== undefined && cors.names(headers.origin)) return;
  throw RustyError.of(
    'AUTHORIZATION_FAILED',
    { what: 'a page of another site' },
    { hint: 'Name its origin in api.cors_origins if it may call.' },
  );
}
