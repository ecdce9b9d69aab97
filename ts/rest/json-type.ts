import type { IncomingHttpHeaders } from 'node:http';

const JSON_TYPE = /^application\/json(?:; ?charset="?utf-8"?)?$/i;

/** Whether a body is plain JSON, as nearly all clients say it. */
export function isJson(headers: IncomingHttpHeaders): boolean {
  return headers['content-encoding'] === undefined && JSON_TYPE.test(headers['content-type'] ?? '');
}
