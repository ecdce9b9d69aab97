import {
  listDatabases,
  listFunctions,
  listRelations,
  listRoles,
  listSchemas,
  listTypes,
} from '../describe/lists.ts';
import { describeRelations } from '../describe/relation.ts';
import type { MetaCommand } from './meta-command.ts';

/** The letters of a list of relations: `\dtv+` lists tables and views. */
const RELATION_LETTERS = /^d([tivmsE]+)[S+]*$/;

/** True for `\dt`, `\div+` and every other list of relations. */
export function isRelationList(name: string): boolean {
  return RELATION_LETTERS.test(name);
}

function relations(letter: string, what: string): MetaCommand {
  return {
    names: [`d${letter}`],
    usage: '[PATTERN]',
    what,
    group: 'Objects',
    run: (call) => listRelations(call, RELATION_LETTERS.exec(call.name)?.[1] ?? letter),
  };
}

export const OBJECT_COMMANDS: readonly MetaCommand[] = [
  {
    names: ['d'],
    usage: '[NAME]',
    what: 'describe a table, view, index or sequence; without a name, list them (+ tells more)',
    group: 'Objects',
    run(call) {
      const pattern = call.args.next();
      return pattern === undefined
        ? listRelations(call, 'tvmsE')
        : describeRelations(call, pattern);
    },
  },
  relations('t', 'list tables'),
  relations('i', 'list indexes'),
  relations('s', 'list sequences'),
  relations('v', 'list views'),
  relations('m', 'list materialized views'),
  {
    names: ['dn'],
    usage: '[PATTERN]',
    what: 'list schemas',
    group: 'Objects',
    run: listSchemas,
  },
  {
    names: ['df'],
    usage: '[PATTERN]',
    what: 'list functions',
    group: 'Objects',
    run: listFunctions,
  },
  {
    names: ['dT'],
    usage: '[PATTERN]',
    what: 'list types',
    group: 'Objects',
    run: listTypes,
  },
  {
    names: ['du', 'dg'],
    usage: '[PATTERN]',
    what: 'list roles',
    group: 'Objects',
    run: listRoles,
  },
  {
    names: ['l', 'list'],
    usage: '[PATTERN]',
    what: 'list databases',
    group: 'Objects',
    run: listDatabases,
  },
];
