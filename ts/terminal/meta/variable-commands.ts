import { createInterface } from 'node:readline/promises';
import { failed, type MetaCommand } from './meta-command.ts';

export const VARIABLE_COMMANDS: readonly MetaCommand[] = [
  {
    names: ['set'],
    usage: '[NAME [VALUE]]',
    what: 'set a variable; without a name, list all',
    group: 'Variables',
    run({ shell, args }) {
      const [name, ...values] = args.all();
      if (name === undefined) {
        for (const [key, value] of shell.variables.entries()) shell.say(`${key} = '${value}'`);
        return 'done';
      }
      const wrong = shell.variables.set(name, values.join(''));
      return wrong === undefined ? 'done' : failed(shell, wrong);
    },
  },
  {
    names: ['unset'],
    usage: 'NAME',
    what: 'take a variable away',
    group: 'Variables',
    run({ shell, args }) {
      const name = args.next();
      if (name === undefined) return failed(shell, '\\unset: missing required argument');
      shell.variables.unset(name);
      return 'done';
    },
  },
  {
    names: ['prompt'],
    usage: '[TEXT] NAME',
    what: 'ask the user for the value of a variable',
    group: 'Variables',
    async run({ shell, args }) {
      const [first, second] = args.all();
      const name = second ?? first;
      if (name === undefined) return failed(shell, '\\prompt: missing required argument');
      shell.standardOutput.flush();
      const { stdin, stdout } = shell.environment;
      let value: string | undefined;
      if (shell.source.isInteractive) {
        value = await shell.source.next(second === undefined ? '' : (first ?? ''));
      } else {
        const asking = createInterface({ input: stdin, output: stdout });
        value = await asking.question(second === undefined ? '' : (first ?? ''));
        asking.close();
      }
      const wrong = shell.variables.set(name, value ?? '');
      return wrong === undefined ? 'done' : failed(shell, wrong);
    },
  },
];
