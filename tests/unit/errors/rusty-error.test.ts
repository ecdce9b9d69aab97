import test from 'ava';
import { codeOfSqlstate, ERROR_CODES, RustyError, SQLSTATES } from '../../../ts/errors/index.ts';

test('a message is made from its template', (t) => {
  const error = RustyError.of('PAYLOAD_TOO_LARGE', { what: 'a statement', limit: '16MiB' });
  t.is(error.message, 'a statement is larger than 16MiB');
  t.is(error.code, 'PAYLOAD_TOO_LARGE');
  t.is(error.sqlstate, '54000');
  t.is(error.httpStatus, 413);
  t.is(error.number, ERROR_CODES.PAYLOAD_TOO_LARGE.number);
  t.true(error instanceof Error);
});

test('the engine’s SQLSTATE chooses code and status', (t) => {
  const error = RustyError.ofSqlstate('23505', 'duplicate key', { detail: 'Key (id)=(1)' });
  t.is(error.code, 'CONSTRAINT_VIOLATION');
  t.is(error.httpStatus, 409);
  t.is(error.detail, 'Key (id)=(1)');
  t.is(RustyError.ofSqlstate(SQLSTATES.DISK_FULL, 'full').httpStatus, 507);
  t.is(RustyError.ofSqlstate('53000', 'out').httpStatus, 429);
  t.is(RustyError.of('TIMEOUT', { what: 'statement', afterMs: 5 }).httpStatus, 504);
});

test('a state that is not listed has the code of its class, else the internal one', (t) => {
  t.is(codeOfSqlstate('22ZZZ'), 'DATA_EXCEPTION');
  t.is(codeOfSqlstate('ZZZZZ'), 'INTERNAL_ERROR');
  t.is(codeOfSqlstate('constructor'), 'INTERNAL_ERROR');
});

test('an error is told otherwise and stays what it is', (t) => {
  const fields = { hint: 'h', position: 3, details: { a: 1 }, detail: 'd' };
  const error = RustyError.ofSqlstate('23505', 'duplicate key', fields);
  const told = error.with({ message: 'line 2: duplicate key', position: undefined });
  t.like(told, { code: 'CONSTRAINT_VIOLATION', sqlstate: '23505', hint: 'h', detail: 'd' });
  t.like(told, { message: 'line 2: duplicate key', position: undefined, details: { a: 1 } });
  t.is(told.cause, error);
  t.deepEqual(error.with({ details: { b: 2 } }).details, { b: 2 });
});
