import { BOOLEAN, DAY_MS, duration, type Key } from '../key.ts';

export const sessionKeys: readonly Key[] = [
  {
    name: 'session.idle_timeout',
    type: duration(),
    default: '30m',
    live: true,
    what: 'Ends a session that has no live connection and was not used for as long.',
    raise: 'clients may come back later',
    lower: 'abandoned sessions go sooner',
    waitsFor: 'sessions that outlive their connection',
  },
  {
    name: 'session.max_lifetime',
    type: duration(0, 24 * DAY_MS),
    default: '24h',
    live: true,
    what: 'Ends a session that has no live connection after as long, used or not.',
    raise: 'clients may come back later',
    lower: 'abandoned sessions go sooner',
    waitsFor: 'sessions that outlive their connection',
  },
  {
    name: 'session.enable_pooling',
    type: BOOLEAN,
    default: true,
    live: true,
    what: 'Takes engine sessions from the pool; `false` makes one for each connection.',
    waitsFor: 'the connection pool',
  },
  {
    name: 'session.enable_resource_limits',
    type: BOOLEAN,
    default: true,
    live: true,
    what: 'Measures what a session uses of memory, time, rows and cursors, and holds it to its limits.',
    waitsFor: 'resource limits of sessions',
  },
  {
    name: 'session.enable_triggers',
    type: BOOLEAN,
    default: true,
    live: true,
    what: 'Calls what is registered for the events of sessions: login, logoff, suspend, resume, time-out, kill.',
    waitsFor: 'events of sessions',
  },
];
