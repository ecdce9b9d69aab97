import test from 'ava';
import { RustyError } from '../../../ts/errors/index.ts';
import { toRustyError } from '../../../ts/rest/error-body.ts';

test('what is ours stays, who went away cancelled, the rest is a fault whose text is not told', (t) => {
  const ours = RustyError.of('NOT_FOUND', { what: 'x' });
  t.is(toRustyError(ours), ours);
  const gone = new AbortController();
  gone.abort();
  t.is(toRustyError(gone.signal.reason).code, 'CANCELLED');
  const fault = toRustyError(new Error('secret'));
  t.is(fault.code, 'INTERNAL_ERROR');
  t.notRegex(fault.message, /secret/);
});
