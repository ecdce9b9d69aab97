// The type of the configuration and its page of the manual, from ts/config/schema.ts.
import type { Key } from '../../ts/config/key.ts';
import {
  allowedText,
  formatDuration,
  formatSize,
  parseValue,
} from '../../ts/config/parse-value.ts';
import { environmentNames, fieldName, SCHEMA, sectionName } from '../../ts/config/schema.ts';
import type { GeneratedFile } from '../generate.ts';
import { mark } from './mark.ts';

const SOURCE = 'ts/config/schema.ts';

function sections(): readonly { name: string | undefined; keys: readonly Key[] }[] {
  const names = [...new Set(SCHEMA.map(sectionName))];
  return names.map((name) => ({ name, keys: SCHEMA.filter((key) => sectionName(key) === name) }));
}

/** A default as one would write it. */
export function defaultText(key: Key): string {
  if (key.defaultText !== undefined) return key.defaultText;
  if (key.default === undefined) return 'none';
  const value = parseValue(key, key.default);
  if (value === undefined) throw new Error(`${key.name}: its own default is not allowed`);
  if (key.type.kind === 'size') return `\`${formatSize(Number(value))}\``;
  if (key.type.kind === 'duration') return `\`${formatDuration(Number(value))}\``;
  return `\`${String(value)}\``;
}

function tsType(key: Key): string {
  const { type } = key;
  const isAlwaysSet = key.default !== undefined || key.defaultText !== undefined;
  const orUnset = isAlwaysSet ? '' : ' | undefined';
  if (type.kind === 'boolean') return `boolean${orUnset}`;
  if (type.kind === 'enum') return type.values.map((value) => `'${value}'`).join(' | ') + orUnset;
  const isNumber = ['integer', 'size', 'duration'].includes(type.kind);
  return (isNumber ? 'number' : 'string') + orUnset;
}

function tsField(key: Key, indent: string): string {
  return `${indent}/** \`${key.name}\`. Default: ${defaultText(key)}. */
${indent}readonly ${fieldName(key)}: ${tsType(key)};`;
}

function tsFile(): string {
  const parts = sections().map(({ name, keys }) => {
    if (name === undefined) return keys.map((key) => tsField(key, '  ')).join('\n');
    const fields = keys.map((key) => tsField(key, '    ')).join('\n');
    return `  readonly ${name}: {\n${fields}\n  };`;
  });
  return `// ${mark(SOURCE)}

/** The whole configuration, checked and frozen. Durations are in milliseconds, sizes in bytes. */
export interface Config {
${parts.join('\n')}
}
`;
}

function docsEntry(key: Key): string {
  const facts = [
    `- Allowed: ${allowedText(key)}. Default: ${defaultText(key)}.${
      key.live === true ? ' Live: may change while the server runs.' : ''
    }`,
    `- Flag \`--${key.name}\`, environment ${environmentNames(key)
      .map((name) => `\`${name}\``)
      .join(' or ')}.`,
  ];
  if (key.aliases !== undefined) {
    facts.push(`- Also written ${key.aliases.map((name) => `\`${name}\``).join(', ')}.`);
  }
  if (key.raise !== undefined) facts.push(`- Higher: ${key.raise}.`);
  if (key.lower !== undefined) facts.push(`- Lower: ${key.lower}.`);
  if (key.waitsFor !== undefined) {
    facts.push(`- Checked, but without effect in this version: it waits for ${key.waitsFor}.`);
  }
  return `### \`${key.name}\`\n\n${key.what}\n\n${facts.join('\n')}`;
}

const HEAD = `<!-- ${mark(SOURCE)} -->

# Configuration

One typed tree, checked at the start. Later sources win: built-in defaults, then a TOML file
(\`--config FILE\`, else the first that is there of \`/etc/rustydb/config.toml\` and
\`./rustydb.toml\`), then environment variables, then flags. An unknown key, a wrong value or a
contradiction stops the start with exit code 2 and one line that names the key, the value, what is
allowed and which source set it.

Durations take a unit (\`500ms\`, \`30s\`, \`5m\`, \`2h\`, \`1d\`); in the file a duration may also be
written \`<key>_secs\` with a number of seconds. Sizes are in bytes or take a unit (\`64KiB\`, \`256MiB\`,
\`2GiB\`; as in PostgreSQL, \`256MB\` is the same as \`256MiB\`).

\`\`\`toml
[data]
path = "/var/lib/rustydb"
buffer_pool_bytes = "2GiB"

[network]
port = 5432
\`\`\`

The same by flags: \`npm start -- --data.path /var/lib/rustydb --data.buffer_pool_bytes 2GiB\`.
`;

function docsFile(): string {
  const parts = sections().map(({ name, keys }) => {
    const title = name === undefined ? 'At the top' : `\`[${name}]\``;
    return `## ${title}\n\n${keys.map(docsEntry).join('\n\n')}`;
  });
  return `${HEAD}\n${parts.join('\n\n')}\n`;
}

export function configurationFiles(): readonly GeneratedFile[] {
  return [
    { path: 'ts/config/config.ts', content: tsFile() },
    { path: 'docs/configuration.md', content: docsFile() },
  ];
}
