// The configuration that is in force, and how it changes while the server runs.
//
// A change passes all checks of a start, with every key in its place, before anything happens; it is
// then written to the data directory and only then takes effect: what a client was told survives a
// crash. Changes follow each other, never overlap. Keys that are not live keep the value they had at
// the start; the new one waits in the file for the next.
import { RustyError } from '../errors/index.ts';
import type { Clock } from '../util/clock.ts';
import type { Config } from './config.ts';
import type { ChangeOrigin, ConfigVersion, KeyChange, StoredVersion } from './config-version.ts';
import { type LoadedConfig, loadConfig, type Sources } from './load.ts';
import { namedValues } from './named-values.ts';
import type { Value } from './parse-value.ts';
import { checkRules } from './rules.ts';
import { writeRuntimeFile } from './runtime-file.ts';
import { SCHEMA } from './schema.ts';
import { configOf, keyValue, shownValue } from './values.ts';

/** Versions that are kept; the oldest goes. */
const VERSIONS_MAX = 100;
const LISTENERS_MAX = 100;

/** Hears of each change, after it has taken effect; what it throws is the caller's fault. */
export type ConfigListener = (config: Config, version: ConfigVersion) => void;

/** Who changes it, and how. */
export interface ChangeBy {
  readonly by: string;
  readonly origin: ChangeOrigin;
  /** What messages name as the source: `PUT /admin/config`. */
  readonly source: string;
  /** The version that the change was made for: another one is a SERIALIZATION_FAILURE. */
  readonly expected?: number;
}

/** What came of a change. */
export interface ChangeReport {
  readonly version: number;
  readonly changed: readonly KeyChange[];
  /** Keys whose value waits for the next start. */
  readonly restartNeeded: readonly string[];
}

/** A key as it is, as one writes it. */
export interface KeyState {
  readonly key: string;
  readonly value: Value | null;
  /** What set it: `default`, `flag --network.port`. */
  readonly source: string;
  readonly live: boolean;
  /** The value after the next start. */
  readonly pending?: Value | null;
}

export interface ConfigStoreOptions {
  /** What the process started with; `runtime` among it is from `versions`. */
  readonly sources: Sources;
  readonly loaded: LoadedConfig;
  /** Of the file, the oldest first. */
  readonly versions: readonly StoredVersion[];
  /** The files that `loaded` is of, by path. */
  readonly files: Readonly<Record<string, { readonly text: string | undefined }>>;
  /** Where versions are kept; undefined keeps them in memory. */
  readonly path: string | undefined;
  readonly clock: Clock;
}

/** The one configuration of a running server. */
export class ConfigStore {
  readonly #options: ConfigStoreOptions;
  /** What the sources say now. */
  #loaded: LoadedConfig;
  /** What is in force. */
  #config: Config;
  #versions: readonly StoredVersion[];
  readonly #listeners: ConfigListener[] = [];
  #files: Record<string, { readonly text: string | undefined }>;
  /** The change that is under way; the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ConfigStoreOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
    this.#config = options.loaded.config;
    this.#files = { ...options.files };
    const at = this.#now();
    this.#versions =
      options.versions.length > 0
        ? options.versions
        : [{ version: 1, at, by: '', origin: 'start', changed: [], values: {} }];
  }

  /** What is in force, frozen. */
  get config(): Config {
    return this.#config;
  }

  get version(): number {
    return this.#versions.at(-1)?.version ?? 1;
  }

  /** What set a key, undefined where it is at its default. */
  sourceOf(key: string): string | undefined {
    return this.#loaded.setBy[key];
  }

  /** Every key with its value, and the one of the next start where that is another. */
  keys(): readonly KeyState[] {
    return SCHEMA.map((key) => {
      const value = keyValue(this.#config, key);
      const next = keyValue(this.#loaded.config, key);
      return {
        key: key.name,
        value: shownValue(key, value),
        source: this.sourceOf(key.name) ?? 'default',
        live: key.live === true,
        ...(value === next ? {} : { pending: shownValue(key, next) }),
      };
    });
  }

  /** Keys whose value waits for the next start. */
  get restartNeeded(): readonly string[] {
    const { config } = this.#loaded;
    return SCHEMA.filter((key) => keyValue(config, key) !== keyValue(this.#config, key)).map(
      ({ name }) => name,
    );
  }

  /** The newest first. */
  versions(): readonly ConfigVersion[] {
    return this.#versions.toReversed().map(({ values: _, ...version }) => version);
  }

  /** Calls back after each change, in order; answers what ends that. */
  subscribe(listener: ConfigListener): () => void {
    if (this.#listeners.length >= LISTENERS_MAX) {
      const what = 'subscribers of the configuration';
      throw RustyError.of('RESOURCE_EXHAUSTED', { what, limit: LISTENERS_MAX });
    }
    this.#listeners.push(listener);
    return () => {
      const at = this.#listeners.indexOf(listener);
      if (at !== -1) this.#listeners.splice(at, 1);
    };
  }

  /** Sets keys by a partial tree or dotted names; null takes back what was set at run time. */
  change(tree: Readonly<Record<string, unknown>>, by: ChangeBy): Promise<ChangeReport> {
    return this.#inTurn(() => {
      this.#expect(by.expected);
      const values = { ...this.#values };
      for (const [name, value] of Object.entries(namedValues(tree, by.source))) {
        if (value === null) delete values[name];
        else values[name] = value;
      }
      return this.#apply(values, by);
    });
  }

  /** Takes back everything that was set at run time (ALTER SYSTEM RESET ALL). */
  resetAll(by: ChangeBy): Promise<ChangeReport> {
    return this.#inTurn(() => {
      this.#expect(by.expected);
      return this.#apply({}, by);
    });
  }

  /**
   * Sets at run time again what was so in `version`, by default the one before. The file, the
   * environment and flags stay as they are. NOT_FOUND where the version is known no more.
   */
  rollback(version: number | undefined, by: ChangeBy): Promise<ChangeReport> {
    return this.#inTurn(() => {
      this.#expect(by.expected);
      const wanted = version ?? (this.#versions.at(-2) ?? this.#versions.at(-1))?.version;
      return this.#apply(this.#find(wanted ?? 1).values, by);
    });
  }

  /** Reads the file anew (SIGHUP); makes a version where that changes something. */
  reload(by: ChangeBy): Promise<ChangeReport> {
    return this.#inTurn(async () => {
      const before = this.#files;
      this.#files = {};
      try {
        return await this.#apply(this.#values, by);
      } catch (error) {
        this.#files = before;
        throw error;
      }
    });
  }

  /** What changed from one version to another, key by key. NOT_FOUND where one is not known. */
  diff(from: number, to: number): readonly KeyChange[] {
    this.#find(from);
    this.#find(to);
    const [low, high] = from < to ? [from, to] : [to, from];
    const steps = this.#versions.filter(({ version }) => version > low && version <= high);
    const byKey = Object.groupBy(
      steps.flatMap(({ changed }) => changed),
      ({ key }) => key,
    );
    const keys = Object.entries(byKey).toSorted(([one], [other]) => (one < other ? -1 : 1));
    return keys.flatMap(([key, changes = []]) => {
      const [first, last] = [changes[0], changes.at(-1)];
      if (first === undefined || last === undefined || first.from === last.to) return [];
      const { effect } = last;
      return from < to
        ? [{ key, from: first.from, to: last.to, effect }]
        : [{ key, from: last.to, to: first.from, effect }];
    });
  }

  /** A file as it was when it was read last: a change does not read it anew. */
  readonly #readFile = (path: string): string | undefined => {
    this.#files[path] ??= { text: this.#options.sources.readFile(path) };
    return this.#files[path].text;
  };

  get #values(): Readonly<Record<string, Value>> {
    return this.#versions.at(-1)?.values ?? {};
  }

  #now(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }

  #find(version: number): StoredVersion {
    const found = this.#versions.find((one) => one.version === version);
    if (found === undefined) {
      throw RustyError.of('NOT_FOUND', { what: `version ${version} of the configuration` });
    }
    return found;
  }

  #expect(expected: number | undefined): void {
    if (expected === undefined || expected === this.version) return;
    const what = `the configuration is at version ${this.version}, not ${expected}`;
    throw RustyError.of('SERIALIZATION_FAILURE', { what }, { details: { version: this.version } });
  }

  #inTurn(step: () => Promise<ChangeReport>): Promise<ChangeReport> {
    const done = this.#last.then(step);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #apply(
    values: Readonly<Record<string, Value>>,
    { by, origin, source }: ChangeBy,
  ): Promise<ChangeReport> {
    const { sources, path } = this.#options;
    const runtime = Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const isNew = this.#values[name] !== value;
        return [name, { value, source: isNew ? source : 'set at run time' }];
      }),
    );
    const loaded = loadConfig({ ...sources, runtime, readFile: this.#readFile });
    const next = this.#inForce(loaded.config);
    checkRules(next, loaded.setBy);
    const changed = this.#changes(values, loaded);
    if (changed.length === 0) return this.#report([]);
    const version: StoredVersion = {
      version: this.version + 1,
      at: this.#now(),
      by,
      origin,
      changed,
      values,
    };
    const versions = [...this.#versions, version].slice(-VERSIONS_MAX);
    if (path !== undefined) await writeRuntimeFile(path, { versions });
    this.#versions = versions;
    this.#loaded = loaded;
    this.#config = next;
    const { values: _, ...told } = version;
    for (const listener of [...this.#listeners]) listener(next, told);
    return this.#report(changed);
  }

  /** Live keys as they are now, the others as they were at the start. */
  #inForce(loaded: Config): Config {
    return configOf((key) => keyValue(key.live === true ? loaded : this.#config, key));
  }

  /** What differs from before: in force, for the next start, or only in what was set. */
  #changes(values: Readonly<Record<string, Value>>, loaded: LoadedConfig): readonly KeyChange[] {
    return SCHEMA.flatMap((key): KeyChange[] => {
      const { name } = key;
      const was = keyValue(this.#loaded.config, key);
      const is = keyValue(loaded.config, key);
      if (was !== is) {
        const effect = key.live === true ? 'now' : 'restart';
        return [{ key: name, from: shownValue(key, was), to: shownValue(key, is), effect }];
      }
      if (this.#values[name] === values[name]) return [];
      const from = shownValue(key, this.#values[name]);
      const change = { key: name, from, to: shownValue(key, values[name]) };
      const setBy = loaded.setBy[name];
      const isStronger = setBy !== undefined && /^(environment|flag) /.test(setBy);
      return [isStronger ? { ...change, effect: 'never', setBy } : { ...change, effect: 'now' }];
    });
  }

  #report(changed: readonly KeyChange[]): ChangeReport {
    return { version: this.version, changed, restartNeeded: this.restartNeeded };
  }
}
