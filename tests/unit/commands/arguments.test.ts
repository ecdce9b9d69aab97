import test from 'ava';
import { parseArguments } from '../../../ts/commands/arguments.ts';
import { BUILT, COMMANDS } from '../../../ts/commands/catalogue.ts';
import { helpText } from '../../../ts/commands/help.ts';
import { SCHEMA } from '../../../ts/config/schema.ts';

test('start is the default command; flags take a value, an equals sign, or mean true', (t) => {
  const found = parseArguments([
    '--network.port',
    '0',
    '--data.path=a=b',
    '--security.require_auth',
    '--config',
    'x.toml',
    '--network.tcp_nodelay',
  ]);
  t.is(found.command, 'start');
  t.is(found.configPath, 'x.toml');
  t.deepEqual(found.flags, [
    ['network.port', '0'],
    ['data.path', 'a=b'],
    ['security.require_auth', 'true'],
    ['network.tcp_nodelay', 'true'],
  ]);
});

test('commands, words, help and version', (t) => {
  t.like(parseArguments(['config', 'check']), { command: 'config', words: ['check'] });
  t.like(parseArguments(['verify', '--help']), { command: 'verify', wantsHelp: true });
  t.like(parseArguments(['--version']), { command: 'version' });
  t.throws(() => parseArguments(['strat']), { message: 'no command "strat"; did you mean start?' });
  t.throws(() => parseArguments(['-p', '1']), { message: /^no option -p; / });
});

test('help explains every command, and start every key', (t) => {
  for (const { name } of COMMANDS) t.regex(helpText(name), new RegExp(name));
  for (const name of BUILT) t.regex(helpText(name), /^Usage: rustydb /);
  for (const key of SCHEMA) t.true(helpText('start').includes(`--${key.name} `), key.name);
  t.regex(helpText(undefined), /Not in this version: bench,/);
});
