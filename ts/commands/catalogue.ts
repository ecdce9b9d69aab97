/** Every command that the product has, whether this version has it or not. */
export const COMMANDS = [
  { name: 'start', what: 'run the server (the default command)' },
  { name: 'verify', what: 'check every page, index and the log of a data directory' },
  { name: 'config', what: 'config check: read and check the configuration, start nothing' },
  { name: 'version', what: 'print the version' },
  { name: 'sql', what: 'a terminal client' },
  { name: 'import', what: 'load a file into a table' },
  { name: 'export', what: 'write a table into a file' },
  { name: 'bench', what: 'measure a running server' },
  { name: 'backup', what: 'copy a data directory while it is in use' },
  { name: 'restore', what: 'bring a backup back' },
  { name: 'user', what: 'make and change users' },
  { name: 'audit', what: 'audit verify [FILES]: check the chain of the audit log' },
  { name: 'generate', what: 'generate types: a typed client for the schema' },
] as const;

export type CommandName = (typeof COMMANDS)[number]['name'];

/** The commands of this version; the others say that they are not there. */
export const BUILT = [
  'start',
  'verify',
  'audit',
  'config',
  'version',
  'sql',
  'import',
  'export',
] as const;

export type BuiltCommand = (typeof BUILT)[number];

/** Commands that talk to a running server; each has a command line of its own. */
export const TERMINAL = ['sql', 'import', 'export'] as const;

export type TerminalCommand = (typeof TERMINAL)[number];

export function isTerminal(name: string | undefined): name is TerminalCommand {
  return (TERMINAL as readonly string[]).includes(name ?? '');
}

export function isCommand(word: string): word is CommandName {
  return COMMANDS.some(({ name }) => name === word);
}

export function isBuilt(name: CommandName): name is BuiltCommand {
  return (BUILT as readonly string[]).includes(name);
}
