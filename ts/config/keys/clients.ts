// What the HTTP port allows its clients: how slow they may be, and which pages may call it.
import { BOOLEAN, duration, integer, type Key, SECOND_MS } from '../key.ts';

/** `scheme://host[:port]`, as browsers write it. */
const ORIGIN = String.raw`https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?`;

export const apiClientKeys: readonly Key[] = [
  {
    name: 'api.header_timeout',
    type: duration(SECOND_MS),
    default: '15s',
    what: 'How long a client has for the head of a request; then it is answered 408 and closed.',
    raise: 'clients on slow networks get through; half-sent requests stay longer',
    lower: 'half-sent requests are closed sooner',
  },
  {
    name: 'api.progress_timeout',
    type: duration(SECOND_MS),
    default: '30s',
    what: 'How long a client may pause within the body of a request, or take nothing of its answer.',
    raise: 'clients may stall longer, and hold what their request has',
    lower: 'stalled clients are closed sooner',
  },
  {
    name: 'api.min_body_rate',
    type: integer(0, 1_000_000_000),
    default: 240,
    what: 'Bytes a second that the body of a request must come with on average, once the server has waited for it for 5 seconds. 0 asks for no rate.',
    raise: 'bodies that trickle are refused sooner',
    lower: 'clients on slow networks get through',
  },
  {
    name: 'api.enable_cors',
    type: BOOLEAN,
    default: true,
    what: 'Whether pages of `api.cors_origins` may call the API from a browser (CORS).',
  },
  {
    name: 'api.cors_origins',
    type: {
      kind: 'text',
      pattern: new RegExp(`^(?:\\*|${ORIGIN}(?:, ?${ORIGIN})*)?$`, 'i'),
      allowed: 'origins such as `https://app.example.org`, with commas between them, or `*`',
    },
    default: '',
    what: 'The origins whose pages may call the API. As long as local clients are trusted without a password, `*` opens nothing: only origins that are named are let in beside loopback ones.',
  },
  {
    name: 'api.cors_credentials',
    type: BOOLEAN,
    default: false,
    what: 'Whether pages of these origins may send credentials. Refused together with the origin `*`.',
  },
  {
    name: 'api.injection_filter',
    type: { kind: 'enum', values: ['off', 'report', 'block'] },
    default: 'off',
    what: 'What becomes of requests for rows with values that look like an injection of SQL or of scripts: nothing, a line in the log, or a refusal (403). Values are parameters of their statements whatever they look like, and SQL that a client sends is not looked at.',
  },
];

/** An address, or a range of them. */
const RANGE = String.raw`[0-9a-f.:]+(?:\/\d{1,3})?`;
const RANGES = {
  kind: 'text',
  pattern: new RegExp(`^(?:${RANGE}(?:, ?${RANGE})*)?$`, 'i'),
  allowed: 'addresses or ranges such as `10.0.0.0/8` and `2001:db8::/32`, with commas between them',
} as const;

export const addressListKeys: readonly Key[] = [
  {
    name: 'network.allow_addresses',
    type: RANGES,
    default: '',
    what: 'Addresses that may connect, on every port. One within a range of `network.deny_addresses` is an exception from it; any other makes this the list of who may come at all.',
  },
  {
    name: 'network.deny_addresses',
    type: RANGES,
    default: '',
    what: 'Addresses that may not connect, on any port but Unix sockets. The longest prefix that matches decides. More can be named while the server runs: `/gateway/filters` of the API.',
  },
  {
    name: 'network.connection_rate',
    type: integer(0, 1_000_000),
    default: 0,
    what: 'Connections a second that one address may open, on all ports together. Further ones are refused: over HTTP with 429, over SQL with 53400. 0 is no limit.',
    raise: 'one address may make the server accept more',
    lower: 'clients without a pool are refused earlier',
  },
];
