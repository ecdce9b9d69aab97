export type { Config } from './config.ts';
export { CONFIG_FILES, type LoadedConfig, loadConfig, type Sources } from './load.ts';
export { isLoopback } from './rules.ts';
