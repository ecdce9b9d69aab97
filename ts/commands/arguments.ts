import { RustyError } from '../errors/index.ts';
import { nearest } from '../util/nearest.ts';
import { COMMANDS, type CommandName, isCommand } from './catalogue.ts';

/** A command line, taken apart; nothing of it has been checked against the schema. */
export interface Arguments {
  readonly command: CommandName;
  readonly wantsHelp: boolean;
  readonly configPath: string | undefined;
  /** Configuration flags in order: name without dashes, value. */
  readonly flags: readonly (readonly [string, string])[];
  /** Words after the command that are no flags. */
  readonly words: readonly string[];
}

function refuse(what: string): never {
  throw RustyError.of('CONFIGURATION_ERROR', { what });
}

interface Flag {
  readonly name: string;
  readonly value: string;
  /** How many arguments it took. */
  readonly taken: 1 | 2;
}

/** `--name=value`, `--name value`, or `--name` alone, which means true. */
function readFlag(argument: string, next: string | undefined): Flag {
  const equals = argument.indexOf('=');
  if (equals !== -1) {
    return { name: argument.slice(2, equals), value: argument.slice(equals + 1), taken: 1 };
  }
  const name = argument.slice(2);
  if (next === undefined || /^--?[a-z]/i.test(next)) return { name, value: 'true', taken: 1 };
  return { name, value: next, taken: 2 };
}

function commandOf(word: string): CommandName {
  if (isCommand(word)) return word;
  const alike = nearest(
    word,
    COMMANDS.map(({ name }) => name),
  );
  const hint = alike === undefined ? 'see rustydb --help' : `did you mean ${alike}?`;
  return refuse(`no command ${JSON.stringify(word)}; ${hint}`);
}

/** Takes the arguments after the program's name apart. `start` is the default command. */
export function parseArguments(argv: readonly string[]): Arguments {
  const flags: (readonly [string, string])[] = [];
  const words: string[] = [];
  let wantsHelp = false;
  let wantsVersion = false;
  let configPath: string | undefined;
  for (let index = 0; index < argv.length; ) {
    const argument = argv[index] ?? '';
    let taken = 1;
    if (argument === '--help' || argument === '-h') wantsHelp = true;
    else if (argument === '--version' || argument === '-V') wantsVersion = true;
    else if (argument.startsWith('--') && argument.length > 2) {
      const flag = readFlag(argument, argv[index + 1]);
      if (flag.name === 'config') configPath = flag.value;
      else flags.push([flag.name, flag.value]);
      taken = flag.taken;
    } else if (argument.startsWith('-') && argument !== '-') {
      refuse(`no option ${argument}; configuration flags have two dashes: --network.port 5432`);
    } else {
      words.push(argument);
    }
    index += taken;
  }
  const command = wantsVersion ? 'version' : commandOf(words.shift() ?? 'start');
  return { command, wantsHelp, configPath, flags, words };
}
