// The sources of the error catalogue, read and checked: native/common/errors.json and
// native/common/sqlstates.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CodeEntry {
  readonly code: string;
  /** Of the native protocol: E001-E999. Never reused, never renumbered. */
  readonly number: number;
  readonly http: number;
  /** What PostgreSQL clients get where the failure brings no SQLSTATE of its own. */
  readonly sqlstate: string;
  /** The message, with `{name}` for each parameter. */
  readonly template: string;
  readonly meaning: string;
}

export interface SqlstateEntry {
  readonly sqlstate: string;
  readonly name: string;
}

export interface Catalogue {
  readonly codes: readonly CodeEntry[];
  /** The first two characters of a SQLSTATE -> code. */
  readonly classes: Readonly<Record<string, string>>;
  /** Single SQLSTATEs whose code is not that of their class. */
  readonly sqlstates: Readonly<Record<string, string>>;
  /** Single SQLSTATEs whose HTTP status is not that of their code. */
  readonly httpBySqlstate: Readonly<Record<string, number>>;
}

function readJson<T>(root: string, path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}

function refuse(why: string): never {
  throw new Error(`error catalogue: ${why}`);
}

function checkUnique(what: string, values: readonly (string | number)[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) refuse(`${what} ${twice} stands twice`);
}

export function readSqlstates(root: string): readonly SqlstateEntry[] {
  const entries = readJson<SqlstateEntry[]>(root, 'native/common/sqlstates.json');
  checkUnique(
    'SQLSTATE',
    entries.map(({ sqlstate }) => sqlstate),
  );
  checkUnique(
    'name',
    entries.map(({ name }) => name),
  );
  const bad = entries.find(({ sqlstate }) => !/^[0-9A-Z]{5}$/.test(sqlstate));
  if (bad !== undefined) refuse(`${bad.sqlstate} is no SQLSTATE`);
  return entries;
}

export function readCatalogue(root: string): Catalogue {
  const catalogue = readJson<Catalogue>(root, 'native/common/errors.json');
  const states = readSqlstates(root).map(({ sqlstate }) => sqlstate);
  const names = catalogue.codes.map(({ code }) => code);
  checkUnique('code', names);
  checkUnique(
    'number',
    catalogue.codes.map(({ number }) => number),
  );
  for (const { code, number, sqlstate } of catalogue.codes) {
    if (number < 1 || number > 999) refuse(`${code} has number ${number}, outside 1-999`);
    if (!states.includes(sqlstate)) refuse(`${code} has the unlisted SQLSTATE ${sqlstate}`);
  }
  for (const code of [...Object.values(catalogue.classes), ...Object.values(catalogue.sqlstates)]) {
    if (!names.includes(code)) refuse(`no code ${code}`);
  }
  for (const sqlstate of [
    ...Object.keys(catalogue.sqlstates),
    ...Object.keys(catalogue.httpBySqlstate),
  ]) {
    if (!states.includes(sqlstate)) refuse(`unlisted SQLSTATE ${sqlstate}`);
  }
  const homeless = states.find((state) => catalogue.classes[state.slice(0, 2)] === undefined);
  if (homeless !== undefined) refuse(`the class of ${homeless} has no code`);
  return catalogue;
}
