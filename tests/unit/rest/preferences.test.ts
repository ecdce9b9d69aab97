import test from 'ava';
import { parsePreferences } from '../../../ts/rest/preferences.ts';

test('known preferences are read, the first of a name counts', (t) => {
  const header = 'return=representation, count="exact" , Max-Affected=5, return=minimal, foo=bar';
  const preferences = parsePreferences(header);
  t.like(preferences, { return: 'representation', count: 'exact', maxAffected: 5 });
  t.false(preferences.applied.includes('foo=bar'));
  t.deepEqual(parsePreferences(undefined), { applied: [] });
});

test('values that are none are passed over, or refused where that is wanted', (t) => {
  t.deepEqual(parsePreferences('count=all, max-affected=-1, tx'), { applied: [] });
  t.throws(() => parsePreferences('handling=strict, count=all'), { message: /count=all/ });
});

test('what few routes heed is unknown to the others', (t) => {
  t.like(parsePreferences('respond-async', ['respond-async']), { isAsync: true });
  t.deepEqual(parsePreferences('respond-async'), { applied: [] });
  t.throws(() => parsePreferences('handling=strict, respond-async'), { message: /respond-async/ });
});
