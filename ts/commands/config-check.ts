import { fieldName, SCHEMA, sectionName } from '../config/schema.ts';
import { redactText } from '../monitoring/index.ts';
import { type CommandEnvironment, EXIT, type ExitCode } from './environment.ts';

/** Prints what is not at its default; that it could be loaded at all is the check. */
export function configCheck({ loaded, print }: CommandEnvironment): ExitCode {
  const config = loaded.config as unknown as Readonly<Record<string, unknown>>;
  for (const key of SCHEMA) {
    const source = loaded.setBy[key.name];
    if (source === undefined) continue;
    const section = sectionName(key);
    const object = (section === undefined ? config : config[section]) as typeof config;
    print(`${key.name} = ${redactText(JSON.stringify(object[fieldName(key)]))} (${source})\n`);
  }
  print('the configuration is correct\n');
  return EXIT.ok;
}
