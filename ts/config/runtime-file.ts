// The file of the data directory that keeps what was set at run time, with the versions that led
// there: PostgreSQL's postgresql.auto.conf, and its history. Written whole, atomically, before a
// change takes effect.
import { join } from 'node:path';
import { RustyError } from '../errors/index.ts';
import { replaceFile } from '../util/replace-file.ts';
import type { StoredVersion } from './config-version.ts';
import type { RuntimeValues } from './load.ts';
import type { Value } from './parse-value.ts';

const NAME = 'config.auto.json';

/** What the file says. */
export interface RuntimeState {
  /** The oldest first; the last one is in force. */
  readonly versions: readonly StoredVersion[];
}

/** The file of a data directory; none where all is in memory. */
export function runtimeFileOf(dataPath: string): string | undefined {
  return dataPath === ':memory:' ? undefined : join(dataPath, NAME);
}

function isScalar(value: unknown): value is Value {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isVersion(entry: unknown): entry is StoredVersion {
  if (typeof entry !== 'object' || entry === null) return false;
  const { version, at, by, origin, changed, values } = entry as Record<string, unknown>;
  return (
    Number.isSafeInteger(version) &&
    [at, by, origin].every((text) => typeof text === 'string') &&
    Array.isArray(changed) &&
    typeof values === 'object' &&
    values !== null &&
    Object.values(values).every(isScalar)
  );
}

/** Reads what `writeRuntimeFile` wrote. CONFIGURATION_ERROR where the file is none of ours. */
export function parseRuntimeFile(path: string, text: string): RuntimeState {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw RustyError.of('CONFIGURATION_ERROR', { what: `${path}: not JSON` }, { cause });
  }
  const { versions } = (state ?? {}) as { versions?: unknown };
  if (!Array.isArray(versions) || !versions.every(isVersion)) {
    const what = `${path}: allowed is what the server wrote; remove the file to start without it`;
    throw RustyError.of('CONFIGURATION_ERROR', { what });
  }
  return { versions };
}

/** Writes the file so that a crash leaves the old one or the new one. */
export async function writeRuntimeFile(path: string, state: RuntimeState): Promise<void> {
  try {
    await replaceFile(path, `${JSON.stringify(state, undefined, 1)}\n`);
  } catch (cause) {
    const { message } = cause as Error;
    throw RustyError.of('IO_ERROR', { what: `${path}: ${message}` }, { cause });
  }
}

/** The values of a state as a source of the configuration. */
export function runtimeValuesOf({ versions }: RuntimeState, source: string): RuntimeValues {
  const values = versions.at(-1)?.values ?? {};
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value, source }]),
  );
}
