import type { Clock } from '../util/clock.ts';
import { ConfigStore } from './config-store.ts';
import { loadConfig, type Sources } from './load.ts';
import { parseRuntimeFile, runtimeFileOf, runtimeValuesOf } from './runtime-file.ts';

/**
 * The configuration of a server: what all sources say, with what was set at run time before, which is
 * in the data directory that the other sources name.
 */
export function openConfig(sources: Sources, clock: Clock): ConfigStore {
  const outside = loadConfig(sources);
  const path = runtimeFileOf(outside.config.data.path);
  const text = path === undefined ? undefined : sources.readFile(path);
  if (path === undefined || text === undefined) {
    return new ConfigStore({ sources, loaded: outside, versions: [], path, clock });
  }
  const state = parseRuntimeFile(path, text);
  const runtime = runtimeValuesOf(state, `file ${path}`);
  const loaded = loadConfig({ ...sources, runtime });
  return new ConfigStore({ sources, loaded, versions: state.versions, path, clock });
}
