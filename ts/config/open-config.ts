import type { Clock } from '../util/clock.ts';
import { ConfigStore } from './config-store.ts';
import { loadConfig, type Sources } from './load.ts';
import { parseRuntimeFile, runtimeFileOf, runtimeValuesOf } from './runtime-file.ts';

/**
 * The configuration of a server: what all sources say, with what was set at run time before, which is
 * in the data directory that the other sources name.
 */
export function openConfig(given: Sources, clock: Clock): ConfigStore {
  const files: Record<string, { readonly text: string | undefined }> = {};
  const readFile = (path: string): string | undefined => {
    files[path] ??= { text: given.readFile(path) };
    return files[path].text;
  };
  const sources = { ...given, readFile };
  const outside = loadConfig(sources);
  const path = runtimeFileOf(outside.config.data.path);
  const text = path === undefined ? undefined : given.readFile(path);
  const common = { sources: given, files, path, clock };
  if (path === undefined || text === undefined) {
    return new ConfigStore({ ...common, loaded: outside, versions: [] });
  }
  const { versions } = parseRuntimeFile(path, text);
  const runtime = runtimeValuesOf({ versions }, `file ${path}`);
  return new ConfigStore({ ...common, loaded: loadConfig({ ...sources, runtime }), versions });
}
