export type { Config } from './config.ts';
export { type ChangeBy, type ChangeReport, ConfigStore } from './config-store.ts';
export type { ChangeOrigin, ConfigVersion, KeyChange } from './config-version.ts';
export { CONFIG_FILES, type LoadedConfig, loadConfig, type Sources } from './load.ts';
export { openConfig } from './open-config.ts';
export { isLoopback } from './rules.ts';
export { maskedConfig } from './values.ts';
