import { parse as parseToml, TomlError } from 'smol-toml';
import { RustyError } from '../errors/index.ts';
import { nearest } from '../util/nearest.ts';
import type { Config } from './config.ts';
import { type Key, MIB } from './key.ts';
import { allowedText, parseValue, type Value } from './parse-value.ts';
import { checkRules, isLoopback } from './rules.ts';
import { environmentNames, findKey, SCHEMA } from './schema.ts';
import { configOf } from './values.ts';

/** Where a configuration is read from; handed in, so that nothing here is ambient. */
export interface Sources {
  /** `name` without the dashes -> text, in the order of the command line. */
  readonly flags: readonly (readonly [string, string])[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The file that `--config` names; it must be there. */
  readonly configPath?: string;
  /** The text of a file, undefined where there is none. */
  readonly readFile: (path: string) => string | undefined;
  readonly memoryBytes: number;
  /** What was set while a server ran: it stands above the file and below the environment. */
  readonly runtime?: RuntimeValues;
}

/** Values by key that were set at run time, each with what set it, for messages. */
export type RuntimeValues = Readonly<Record<string, RuntimeValue>>;

export interface RuntimeValue {
  /** As it was parsed: durations in milliseconds, sizes in bytes. */
  readonly value: Value;
  readonly source: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** What set each key that is not at its default: `flag --network.port`, ... */
  readonly setBy: Readonly<Record<string, string>>;
}

/** The files that are looked for where none is named; the first that is there is read. */
export const CONFIG_FILES = ['/etc/rustydb/config.toml', './rustydb.toml'] as const;

/** Variables of ours that are no keys. */
const OTHER_VARIABLES = /^RUSTYDB_(SIMD|PROFILE|TEST_.*|BENCH_.*)$/;

const BUFFER_POOL_SHARE = 0.25;
const BUFFER_POOL_MIN_BYTES = 64 * MIB;

interface Setting {
  readonly value: Value;
  readonly source: string;
}

type Settings = Record<string, Setting>;

/** Stops the start: the message is the one line that names key, value, what is allowed, source. */
function refuse(what: string): never {
  throw RustyError.of('CONFIGURATION_ERROR', { what });
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  // A URL may carry a password.
  return text.replace(/:\/\/([^:@/\s]*):[^@\s]*@/g, '://$1:[redacted]@').slice(0, 200);
}

/** CONFIGURATION_ERROR: there is no such key. */
function unknownKey(name: string, value: unknown, source: string, known: readonly string[]): never {
  const alike = nearest(name, known);
  const hint = alike === undefined ? 'see docs/configuration.md' : `did you mean ${alike}?`;
  return refuse(`${name} = ${show(value)} (${source}): no such key in this version; ${hint}`);
}

function put(settings: Settings, key: Key, input: unknown, source: string, inSeconds = false) {
  const isScalar = ['string', 'number', 'boolean'].includes(typeof input);
  const value = isScalar ? parseValue(key, input as Value, inSeconds) : undefined;
  if (value === undefined) {
    const allowed = inSeconds ? 'a number of seconds' : allowedText(key);
    refuse(`${key.name} = ${show(input)} (${source}): allowed is ${allowed}`);
  }
  settings[key.name] = { value, source };
}

const KEY_NAMES = SCHEMA.map(({ name }) => name);

function putNamed(settings: Settings, name: string, input: unknown, source: string): void {
  const found = findKey(name);
  if (found === undefined) unknownKey(name, input, source, KEY_NAMES);
  put(settings, found.key, input, source, found.inSeconds);
}

/** A value that was parsed before: a duration is then in milliseconds. */
function withUnit(name: string, value: Value): Value {
  const isDuration = findKey(name)?.key.type.kind === 'duration';
  return isDuration && typeof value === 'number' ? `${value}ms` : value;
}

function readConfigFile(settings: Settings, sources: Sources): void {
  const { configPath, readFile } = sources;
  const candidates = configPath === undefined ? CONFIG_FILES : [configPath];
  for (const path of candidates) {
    const text = readFile(path);
    if (text === undefined) continue;
    readTables(settings, parseFile(path, text), '', path);
    return;
  }
  if (configPath !== undefined) refuse(`--config = ${show(configPath)}: no such file`);
}

function parseFile(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    return refuse(`${path}:${error.line}:${error.column}: not TOML: ${why}`);
  }
}

function readTables(
  settings: Settings,
  table: Readonly<Record<string, unknown>>,
  prefix: string,
  path: string,
): void {
  for (const [name, value] of Object.entries(table)) {
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isTable && !(value instanceof Date)) {
      readTables(settings, value as Record<string, unknown>, `${prefix}${name}.`, path);
    } else {
      putNamed(settings, `${prefix}${name}`, value, `file ${path}`);
    }
  }
}

function readEnvironment(settings: Settings, environment: Sources['environment']): void {
  const known = SCHEMA.flatMap(environmentNames);
  if (environment.RUSTYDB_PASSWORD !== undefined) {
    refuse(
      'RUSTYDB_PASSWORD (environment): allowed is not to set it: this version has no passwords',
    );
  }
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('RUSTYDB_') || value === undefined) continue;
    if (OTHER_VARIABLES.test(name) || known.includes(name)) continue;
    unknownKey(name, value, 'environment', known);
  }
  for (const key of SCHEMA) {
    // The long name is read last and so wins over the short one.
    for (const name of environmentNames(key)) {
      const value = environment[name];
      if (value !== undefined) put(settings, key, value, `environment ${name}`);
    }
  }
}

function defaultOf(key: Key, sources: Sources, settings: Settings): Value | undefined {
  if (key.name === 'data.buffer_pool_bytes') {
    const share = Math.floor(sources.memoryBytes * BUFFER_POOL_SHARE);
    return Math.max(BUFFER_POOL_MIN_BYTES, share);
  }
  if (key.name === 'environment') {
    if (sources.environment.NODE_ENV === 'production') return 'production';
    const address = settings['network.listen_addr']?.value ?? '127.0.0.1';
    return isLoopback(String(address)) ? 'development' : 'production';
  }
  return key.default === undefined ? undefined : parseValue(key, key.default);
}

function assemble(settings: Settings, sources: Sources): Config {
  return configOf((key) => settings[key.name]?.value ?? defaultOf(key, sources, settings));
}

/**
 * Reads, checks and freezes the configuration: defaults < file < what was set at run time <
 * environment < flags.
 */
export function loadConfig(sources: Sources): LoadedConfig {
  const settings: Settings = {};
  readConfigFile(settings, sources);
  for (const [name, { value, source }] of Object.entries(sources.runtime ?? {})) {
    putNamed(settings, name, withUnit(name, value), source);
  }
  readEnvironment(settings, sources.environment);
  for (const [name, value] of sources.flags) {
    putNamed(settings, name, value, `flag --${name}`);
  }
  const config = assemble(settings, sources);
  const setBy = Object.fromEntries(
    Object.entries(settings).map(([name, { source }]) => [name, source]),
  );
  checkRules(config, setBy);
  return Object.freeze({ config, setBy: Object.freeze(setBy) });
}
