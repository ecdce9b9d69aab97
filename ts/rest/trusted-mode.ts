// The checks of the mode in which local clients are trusted: no web page may reach the server
// through its user's browser (DNS rebinding, cross-site requests).
import type { IncomingHttpHeaders } from 'node:http';
import { RustyError } from '../errors/index.ts';
import type { Cors } from '../gateway/index.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

function hostOfOrigin(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/**
 * Refuses requests whose Host is no loopback name or whose Origin is foreign: neither a loopback one
 * nor one that the configuration names.
 */
export function checkTrustedMode({ host, origin }: IncomingHttpHeaders, cors: Cors): void {
  if (host === undefined || !LOOPBACK.test(host)) {
    throw RustyError.of(
      'AUTHORIZATION_FAILED',
      { what: `host ${JSON.stringify(host ?? '')}` },
      { hint: 'Connections are trusted here, so only loopback names are answered: localhost.' },
    );
  }
  if (origin === undefined || cors.names(origin)) return;
  if (!LOOPBACK.test(hostOfOrigin(origin) ?? '')) {
    throw RustyError.of(
      'AUTHORIZATION_FAILED',
      { what: `origin ${JSON.stringify(origin)}` },
      { hint: 'Connections are trusted here, so pages of other sites are refused.' },
    );
  }
}
