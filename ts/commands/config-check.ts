import { SCHEMA } from '../config/schema.ts';
import { keyValue } from '../config/values.ts';
import { redactText } from '../monitoring/index.ts';
import { type CommandEnvironment, EXIT, type ExitCode } from './environment.ts';

/** Prints what is not at its default; that it could be loaded at all is the check. */
export function configCheck({ config, print }: CommandEnvironment): ExitCode {
  for (const key of SCHEMA) {
    const source = config.sourceOf(key.name);
    if (source === undefined) continue;
    const value = redactText(JSON.stringify(keyValue(config.config, key)));
    print(`${key.name} = ${value} (${source})\n`);
  }
  print('the configuration is correct\n');
  return EXIT.ok;
}
