// Completion of what is typed: backslash commands, names of tables and columns, keywords. Names come
// from the catalog, when they are first needed and again after definitions changed.

import { quoteIdentifier } from '../../util/quoting.ts';
import { META_COMMANDS } from '../meta/registry.ts';
import { KEYWORDS } from './keywords.ts';
import type { Shell } from './shell.ts';

/** Names that are kept, of relations and of columns each. */
const NAMES_MAX = 20_000;
/** What is offered at once. */
const OFFERED_MAX = 500;

const RELATIONS = `SELECT CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN '' ELSE n.nspname END, c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname NOT IN ('information_schema', 'pg_toast')
  AND n.nspname <> 'pg_catalog'
ORDER BY 1, 2 LIMIT ${NAMES_MAX}`;

const COLUMNS = `SELECT DISTINCT a.attname
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1 LIMIT ${NAMES_MAX}`;

const WORD = /[^\s(),;=<>+*/'|]*$/;
const BEFORE_RELATION =
  /\b(from|join|into|update|table|analyze|vacuum|truncate|copy|describe)\s+(?:only\s+)?$/i;
const DESCRIBES = /^\s*\\(d\S*|sv|copy)\s+$/;

function asIdentifier(name: string): string {
  const isPlain = /^[a-z_][a-z0-9_$]*$/.test(name) && !KEYWORDS.reserved.includes(name);
  return isPlain ? name : quoteIdentifier(name);
}

export class Completion {
  readonly #shell: Shell;
  #relations: readonly string[] = [];
  #columns: readonly string[] = [];
  #isStale = true;

  constructor(shell: Shell) {
    this.#shell = shell;
    shell.onDefinition = () => {
      this.#isStale = true;
    };
  }

  /** What could stand at the end of the line, and the part of it that would be replaced. */
  async complete(line: string): Promise<[string[], string]> {
    const word = WORD.exec(line)?.[0] ?? '';
    const before = line.slice(0, line.length - word.length);
    if (/^\s*\\\S*$/.test(line)) {
      const typed = line.trimStart().slice(1);
      const names = META_COMMANDS.flatMap(({ names: all }) => all).filter((n) =>
        n.startsWith(typed),
      );
      return [names.map((name) => `\\${name}`), `\\${typed}`];
    }
    await this.#refresh();
    const candidates =
      BEFORE_RELATION.test(before) || DESCRIBES.test(before)
        ? this.#relations
        : [...this.#columns, ...this.#relations, ...keywordsFor(word)];
    const wanted = word.toLowerCase();
    const found = candidates.filter((name) => name.toLowerCase().startsWith(wanted));
    return [found.slice(0, OFFERED_MAX), word];
  }

  async #refresh(): Promise<void> {
    const { session, isRunning } = this.#shell;
    if (!this.#isStale || isRunning || session.state === 'failed' || session.state === 'lost')
      return;
    this.#isStale = false;
    const relations = await session.rows(RELATIONS);
    const columns = await session.rows(COLUMNS);
    this.#relations = relations.rows.map(([schema, name]) => {
      const own = asIdentifier(name ?? '');
      return schema ? `${asIdentifier(schema)}.${own}` : own;
    });
    this.#columns = columns.rows.map(([name]) => asIdentifier(name ?? ''));
  }
}

/** Keywords in the case that the word is typed in. */
function keywordsFor(word: string): readonly string[] {
  const isLower = word !== '' && word === word.toLowerCase();
  return isLower ? KEYWORDS.all.map((keyword) => keyword.toLowerCase()) : KEYWORDS.all;
}
