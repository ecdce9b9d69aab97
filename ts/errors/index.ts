export { ERROR_CODES, type ErrorCode, SQLSTATES } from './catalogue.ts';
export { codeOfSqlstate, httpStatusOfSqlstate } from './code-of-sqlstate.ts';
export { type ErrorFields, type ErrorParameters, RustyError } from './rusty-error.ts';
