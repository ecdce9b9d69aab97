// The error catalogue in Rust, in TypeScript and as a page of the manual.
import type { GeneratedFile } from '../generate.ts';
import type { Catalogue, CodeEntry, SqlstateEntry } from './catalogue.ts';
import { readCatalogue, readSqlstates } from './catalogue.ts';
import { mark } from './mark.ts';

const SOURCE = 'native/common/errors.json';

function pascalCase(code: string): string {
  return code
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}

function sqlstateName(states: readonly SqlstateEntry[], sqlstate: string): string {
  const entry = states.find((state) => state.sqlstate === sqlstate);
  if (entry === undefined) throw new Error(`no SQLSTATE ${sqlstate}`);
  return entry.name;
}

function byteString(text: string): string {
  return [...text].map((character) => `b'${character}'`).join(', ');
}

function rustMatch(arms: readonly string[]): string {
  return `match self {\n${arms.map((arm) => `            Self::${arm},`).join('\n')}\n        }`;
}

function rustOf(catalogue: Catalogue): string {
  const single = Object.entries(catalogue.sqlstates).map(
    ([sqlstate, code]) => `            b"${sqlstate}" => Self::${pascalCase(code)},`,
  );
  const classes = Object.entries(catalogue.classes).map(
    ([name, code]) => `            [${byteString(name)}, ..] => Self::${pascalCase(code)},`,
  );
  return [...single, ...classes, '            _ => Self::InternalError,'].join('\n');
}

function rustFile(catalogue: Catalogue, states: readonly SqlstateEntry[]): string {
  const { codes } = catalogue;
  const arms = (value: (entry: CodeEntry) => string) =>
    rustMatch(codes.map((entry) => `${pascalCase(entry.code)} => ${value(entry)}`));
  const variants = codes.map(
    (entry) => `    /// ${entry.meaning}\n    ${pascalCase(entry.code)} = ${entry.number},`,
  );
  const overrides = Object.entries(catalogue.httpBySqlstate).map(
    ([sqlstate, http]) => `            b"${sqlstate}" => ${http},`,
  );
  return `//! The codes that every surface answers a failure with.
//!
//! ${mark(SOURCE)}

use crate::sqlstate::{self, SqlState};

/// What a client is told to do about a failure; the value is the number of the native protocol.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u16)]
pub enum ErrorCode {
${variants.join('\n')}
}

impl ErrorCode {
    /// Every code, by number.
    pub const ALL: [Self; ${codes.length}] = [
${codes.map((entry) => `        Self::${pascalCase(entry.code)},`).join('\n')}
    ];

    /// 1 to 999; written \`E001\`.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// As clients read it: \`SYNTAX_ERROR\`.
    pub const fn name(self) -> &'static str {
        ${arms((entry) => `"${entry.code}"`)}
    }

    pub const fn http_status(self) -> u16 {
        ${arms((entry) => String(entry.http))}
    }

    /// The SQLSTATE of a failure that brings none of its own.
    pub const fn sql_state(self) -> SqlState {
        ${arms((entry) => `sqlstate::${sqlstateName(states, entry.sqlstate)}`)}
    }

    /// The one code of a SQLSTATE: its own, or that of its class.
    pub const fn of(state: SqlState) -> Self {
        match &state.0 {
${rustOf(catalogue)}
        }
    }

    /// The HTTP status of a SQLSTATE: that of its code, but for a few that say more.
    pub const fn http_status_of(state: SqlState) -> u16 {
        match &state.0 {
${overrides.join('\n')}
            _ => Self::of(state).http_status(),
        }
    }
}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function tsRecord(entries: readonly (readonly [string, string])[]): string {
  return entries
    .map(([key, value]) => `  ${/^[A-Za-z_]/.test(key) ? key : quote(key)}: ${value},`)
    .join('\n');
}

function tsFile(catalogue: Catalogue, states: readonly SqlstateEntry[]): string {
  const codes = catalogue.codes.map(
    (entry) => `  ${entry.code}: {
    number: ${entry.number},
    http: ${entry.http},
    sqlstate: '${entry.sqlstate}',
    template: ${quote(entry.template)},
  },`,
  );
  const coded = (record: Readonly<Record<string, string>>) =>
    tsRecord(Object.entries(record).map(([key, code]) => [key, quote(code)] as const));
  return `// ${mark(SOURCE)}

/** Every error code: its number in the native protocol, HTTP status, SQLSTATE and message. */
export const ERROR_CODES = {
${codes.join('\n')}
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** SQLSTATEs by PostgreSQL's names. */
export const SQLSTATES = {
${tsRecord(states.map(({ name, sqlstate }) => [name, quote(sqlstate)] as const))}
} as const;

/** The code of each class of SQLSTATEs, a class being the first two characters. */
export const CODE_OF_CLASS: Readonly<Record<string, ErrorCode>> = {
${coded(catalogue.classes)}
};

/** The code of each SQLSTATE that differs from its class. */
export const CODE_OF_SQLSTATE: Readonly<Record<string, ErrorCode>> = {
${coded(catalogue.sqlstates)}
};

/** The HTTP status of each SQLSTATE that differs from its code. */
export const HTTP_OF_SQLSTATE: Readonly<Record<string, number>> = {
${tsRecord(Object.entries(catalogue.httpBySqlstate).map(([key, http]) => [key, String(http)]))}
};
`;
}

function docsFile(catalogue: Catalogue, states: readonly SqlstateEntry[]): string {
  const codeOf = (sqlstate: string) =>
    catalogue.sqlstates[sqlstate] ?? catalogue.classes[sqlstate.slice(0, 2)];
  const codes = catalogue.codes.map(
    ({ code, number, http, sqlstate, meaning }) =>
      `| \`${code}\` | E${String(number).padStart(3, '0')} | ${http} | ${sqlstate} | ${meaning} |`,
  );
  const rows = states
    .filter(({ sqlstate }) => !/^0[012]/.test(sqlstate))
    .map(
      ({ sqlstate, name }) =>
        `| ${sqlstate} | \`${name.toLowerCase()}\` | \`${codeOf(sqlstate)}\` | ${
          catalogue.httpBySqlstate[sqlstate] ??
          catalogue.codes.find(({ code }) => code === codeOf(sqlstate))?.http
        } |`,
    );
  return `<!-- ${mark(SOURCE)} -->

# Errors

Every failure has one code. PostgreSQL clients get the SQLSTATE; HTTP clients get the status, the
code and the SQLSTATE where there is one; the native protocol carries the number. A client decides
by code or SQLSTATE, never by the message.

## Codes

| code | number | HTTP | SQLSTATE | meaning |
| --- | --- | --- | --- | --- |
${codes.join('\n')}

The SQLSTATE of this table stands where the failure brings none of its own.

## SQLSTATEs

Every SQLSTATE has exactly one code.

| SQLSTATE | name | code | HTTP |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

export function errorFiles(root: string): readonly GeneratedFile[] {
  const catalogue = readCatalogue(root);
  const states = readSqlstates(root);
  return [
    { path: 'native/common/src/error_code.rs', content: rustFile(catalogue, states) },
    { path: 'ts/errors/catalogue.ts', content: tsFile(catalogue, states) },
    { path: 'docs/errors.md', content: docsFile(catalogue, states) },
  ];
}
