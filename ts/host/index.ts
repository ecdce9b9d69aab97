import type { Logger } from '../monitoring/index.ts';
import { raiseFileLimit } from './file-limit.ts';
import { sdNotify } from './sd-notify.ts';

export { getAffinity, setAffinity } from './affinity.ts';
export { type FileLimit, raiseFileLimit } from './file-limit.ts';
export { sdNotify } from './sd-notify.ts';

/** Open files beside one a connection: data files, log, listeners, Node's own. */
const OTHER_FILES = 512;

/** Makes room for the connections; where the system cannot, a log line says so. */
export function prepareHost(connectionsMax: number, log: Logger): void {
  const wanted = connectionsMax + OTHER_FILES;
  try {
    const { files, before } = raiseFileLimit(wanted);
    if (files < wanted) {
      log.warn('the limit on open files is lower than network.max_connections needs', {
        files,
        wanted,
      });
    } else {
      log.debug('limit on open files', { files, before });
    }
  } catch (error) {
    log.info('the limit on open files stays as it is', { error });
  }
}

/** Tells the service manager, if there is one; a failure is a log line. */
export function notifyServiceManager(
  state: string,
  environment: Readonly<Record<string, string | undefined>>,
  log: Logger,
): void {
  try {
    sdNotify(state, environment.NOTIFY_SOCKET);
  } catch (error) {
    log.warn('the service manager was not told', { state, error });
  }
}
