import { duration, type Key } from '../key.ts';

export const sqlKeys: readonly Key[] = [
  {
    name: 'sql.statement_timeout',
    type: duration(),
    default: 0,
    live: true,
    what: 'The default of a session’s `statement_timeout`: a statement that runs longer is cancelled (57014). 0 is never.',
    raise: 'long statements may finish',
    lower: 'runaway statements end sooner',
    waitsFor: 'session defaults from the configuration',
  },
  {
    name: 'sql.lock_timeout',
    type: duration(),
    default: 0,
    live: true,
    what: 'The default of a session’s `lock_timeout`: a statement that waits longer for one lock fails (55P03). 0 is never.',
    raise: 'waits are tolerated longer',
    lower: 'contention shows as errors sooner',
    waitsFor: 'session defaults from the configuration',
  },
  {
    name: 'sql.idle_in_transaction_timeout',
    type: duration(),
    default: 0,
    live: true,
    what: 'The default of a session’s `idle_in_transaction_session_timeout`: a connection that leaves a transaction open without a statement for as long is closed (25P03). 0 is never.',
    raise: 'forgotten transactions hold their locks and old versions longer',
    lower: 'slow clients lose their transaction',
    waitsFor: 'session defaults from the configuration',
  },
  {
    name: 'sql.idle_session_timeout',
    type: duration(),
    default: 0,
    live: true,
    what: 'The default of a session’s `idle_session_timeout`: a connection outside a transaction that sends nothing for as long is closed (57P05). 0 is never.',
    raise: 'idle connections stay longer',
    lower: 'client pools must reconnect',
    waitsFor: 'session defaults from the configuration',
  },
];
