// Listening as both doors do it: on loopback alone, and with an error that says what to do.
import { createServer, type ListenOptions, type Server } from 'node:net';
import { isLoopback } from '../config/index.ts';
import { RustyError } from '../errors/index.ts';

/** Connections that the system has accepted and no listener has taken yet. */
const BACKLOG = 1024;

/** Refuses an address that others than this machine reach; `key` is its name in the configuration. */
export function requireLoopback(key: string, address: string): void {
  if (isLoopback(address)) return;
  throw RustyError.of('CONFIGURATION_ERROR', {
    what: `${key}: "${address}" is not a loopback address, and without authentication no other is allowed; use 127.0.0.1, ::1 or localhost`,
  });
}

/**
 * Listens; answers the port, 0 for a path. `shown` names the place in errors, `portKey` the key that
 * chooses another port.
 */
export function listenOn(
  server: Server,
  where: ListenOptions,
  { shown, portKey }: { readonly shown: string; readonly portKey: string },
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    const hint =
      error.code === 'EADDRINUSE'
        ? `another server listens there; choose another ${portKey}, or 0 for a free one`
        : `${error.code ?? error.message}`;
    const what = `cannot listen on ${shown}: ${hint}`;
    reject(RustyError.of('CONFIGURATION_ERROR', { what }, { cause: error }));
  });
  server.listen({ ...where, backlog: BACKLOG }, () => {
    const bound = server.address();
    resolve(bound !== null && typeof bound === 'object' ? bound.port : 0);
  });
  return promise;
}

/**
 * A port that threads share may be bound by any process of this user: so this makes sure that no
 * other server has it. Port 0 is always free.
 */
export async function requireFreePort(
  where: ListenOptions,
  names: { readonly shown: string; readonly portKey: string },
): Promise<void> {
  if (where.port === 0) return;
  const probe = createServer();
  await listenOn(probe, where, names);
  await new Promise((resolve) => probe.close(resolve));
}
