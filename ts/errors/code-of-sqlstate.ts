import {
  CODE_OF_CLASS,
  CODE_OF_SQLSTATE,
  ERROR_CODES,
  type ErrorCode,
  HTTP_OF_SQLSTATE,
} from './catalogue.ts';

/** The one code of a SQLSTATE: its own, or that of its class. */
export function codeOfSqlstate(sqlstate: string): ErrorCode {
  if (!/^[0-9A-Z]{5}$/.test(sqlstate)) return 'INTERNAL_ERROR';
  return CODE_OF_SQLSTATE[sqlstate] ?? CODE_OF_CLASS[sqlstate.slice(0, 2)] ?? 'INTERNAL_ERROR';
}

/** The HTTP status of a SQLSTATE: that of its code, but for a few that say more. */
export function httpStatusOfSqlstate(sqlstate: string): number {
  return HTTP_OF_SQLSTATE[sqlstate] ?? ERROR_CODES[codeOfSqlstate(sqlstate)].http;
}
