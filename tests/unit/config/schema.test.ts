import test from 'ava';
import { parseValue } from '../../../ts/config/parse-value.ts';
import { environmentNames, fieldName, SCHEMA, sectionName } from '../../../ts/config/schema.ts';
import { readTree } from '../../tidy/source-file.ts';

test('every default is allowed by its own key', (t) => {
  for (const key of SCHEMA) {
    if (key.default !== undefined) t.not(parseValue(key, key.default), undefined, key.name);
  }
});

test('numbers say what raising and lowering costs', (t) => {
  for (const { name, type, raise, lower } of SCHEMA) {
    const isAmount = ['size', 'duration'].includes(type.kind);
    const isCount = type.kind === 'integer' && !name.endsWith('port');
    if (isAmount || isCount) t.true(raise !== undefined && lower !== undefined, name);
  }
});

test('names are unique: keys, aliases, variables, fields', (t) => {
  const isUnique = (names: readonly string[]) => new Set(names).size === names.length;
  t.true(isUnique(SCHEMA.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])])));
  t.true(isUnique(SCHEMA.flatMap(environmentNames)));
  t.true(isUnique(SCHEMA.map((key) => `${sectionName(key)}.${fieldName(key)}`)));
});

test('sizes and durations read as they are written', (t) => {
  const size = SCHEMA.find(({ name }) => name === 'data.buffer_pool_bytes');
  const time = SCHEMA.find(({ name }) => name === 'network.keepalive');
  if (size === undefined || time === undefined) throw new Error('keys are gone');
  const read = (text: string) => parseValue(size, text);
  t.deepEqual(['256MiB', '256MB', '256 mb', '0.25GiB'].map(read), Array(4).fill(256 * 1024 ** 2));
  t.deepEqual(['256XB', '-1MiB', '1', '', '1e3MiB'].map(read), Array(5).fill(undefined));
  const wait = (text: string) => parseValue(time, text);
  t.deepEqual(
    ['500ms', '30s', '5m', '2h', '1d', '0'].map(wait),
    [500, 30_000, 300_000, 7_200_000, 86_400_000, 0],
  );
  t.deepEqual(['30', '1y', '99d', '-1s'].map(wait), Array(4).fill(undefined));
});

test('a key that nothing reads says that it has no effect yet', (t) => {
  const server = readTree().filter(({ path }) => /^ts\/(?!config\/)/.test(path));
  for (const key of SCHEMA) {
    if (key.waitsFor !== undefined) continue;
    const named = new RegExp(`\\b${fieldName(key)}\\b`);
    t.true(
      server.some(({ text }) => named.test(text)),
      key.name,
    );
  }
});
