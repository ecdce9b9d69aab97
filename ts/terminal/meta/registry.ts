import { BUFFER_COMMANDS } from './buffer-commands.ts';
import { CONNECTION_COMMANDS } from './connection-commands.ts';
import { FILE_COMMANDS } from './file-commands.ts';
import { FORMAT_COMMANDS } from './format-commands.ts';
import { GENERAL_COMMANDS } from './general-commands.ts';
import { META_GROUPS, type MetaCommand } from './meta-command.ts';
import { isRelationList, OBJECT_COMMANDS } from './object-commands.ts';
import { VARIABLE_COMMANDS } from './variable-commands.ts';

const HELP: MetaCommand = {
  names: ['?'],
  usage: '',
  what: 'show these commands',
  group: 'General',
  run({ shell }) {
    shell.output.write(commandHelp());
    return 'done';
  },
};

/** Every backslash command but `\if` and its like, which the loop itself runs. */
export const META_COMMANDS: readonly MetaCommand[] = [
  HELP,
  ...GENERAL_COMMANDS,
  ...BUFFER_COMMANDS,
  ...FILE_COMMANDS,
  ...OBJECT_COMMANDS,
  ...FORMAT_COMMANDS,
  ...CONNECTION_COMMANDS,
  ...VARIABLE_COMMANDS,
];

/** The command of a name, with or without the `+` and `S` that some take. */
export function findCommand(name: string): MetaCommand | undefined {
  const exact = META_COMMANDS.find(({ names }) => names.includes(name));
  if (exact !== undefined || !/^[dl]/.test(name)) return exact;
  // `\dtv` lists tables and views: one command with `\dt`.
  const plain = isRelationList(name) ? 'dt' : name.replace(/[+S]+$/, '');
  return META_COMMANDS.find(({ names }) => names.includes(plain));
}

const CONDITIONS: readonly (readonly [string, string])[] = [
  ['\\if EXPRESSION', 'begin a block that is run where the expression is true'],
  ['\\elif EXPRESSION', 'an alternative of the block'],
  ['\\else', 'the last alternative of the block'],
  ['\\endif', 'end the block'],
];

/** What `\?` shows. */
export function commandHelp(): string {
  const entry = ({ names, usage, what }: MetaCommand) =>
    [`\\${names[0]}${usage === '' ? '' : ` ${usage}`}`, what] as const;
  const groups = META_GROUPS.map((group) => {
    const own = META_COMMANDS.filter((command) => command.group === group).map(entry);
    return { group, entries: group === 'Conditions' ? CONDITIONS : own };
  }).filter(({ entries }) => entries.length > 0);
  const width = Math.max(...groups.flatMap(({ entries }) => entries.map(([head]) => head.length)));
  return groups
    .map(({ group, entries }) => {
      const lines = entries.map(([head, what]) => `  ${head.padEnd(width)}  ${what}\n`);
      return `${group}\n${lines.join('')}`;
    })
    .join('\n');
}
