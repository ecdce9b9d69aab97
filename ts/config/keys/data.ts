import { GIB, type Key, MIB, PATH } from '../key.ts';

export const dataKeys: readonly Key[] = [
  {
    name: 'environment',
    type: { kind: 'enum', values: ['development', 'production'] },
    default: undefined,
    defaultText:
      '`development` while every listener is loopback or a Unix socket, else `production`; `NODE_ENV=production` sets it too',
    what: 'Chooses defaults that suit a developer’s machine or a server that others reach.',
    waitsFor: 'keys whose defaults it chooses',
  },
  {
    name: 'data.path',
    type: PATH,
    default: './rustydb-data',
    what: 'The data directory; made at the first start. `:memory:` keeps everything in memory and loses it at the end.',
  },
  {
    name: 'data.engine',
    type: {
      kind: 'text',
      pattern: /^(embedded|postgres(ql)?:\/\/\S+)$/,
      allowed: '`embedded` or a `postgresql://` URL',
    },
    default: 'embedded',
    what: 'What runs the statements: the engine in this process, or one that speaks the PostgreSQL protocol. This version has the embedded engine only.',
  },
  {
    name: 'data.buffer_pool_bytes',
    type: { kind: 'size', min: 16 * MIB, max: 1024 * GIB },
    default: undefined,
    defaultText: '25 % of the memory, at least 64 MiB',
    what: 'The one pool of pages for all tables and indexes. Taken as a whole and never exceeded.',
    raise:
      'more of the data is served from memory; leaves less for sorts, connections and the rest of the machine',
    lower: 'more reads from disk, and more writing back of changed pages',
  },
  {
    name: 'data.sync',
    type: { kind: 'enum', values: ['full', 'normal', 'off'] },
    default: 'full',
    what: 'When the log is forced to disk: `full` before a commit is acknowledged (commits of one moment share it), `normal` at checkpoints (a power cut may lose the last commits, never the consistency), `off` never (a power cut may lose the database). In every mode the operating system has a commit before it is acknowledged, so the end of the process loses none; only sessions that set `synchronous_commit = off` are answered earlier, and may lose their last commits.',
  },
];
