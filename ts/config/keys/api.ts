import { ADDRESS, type Key, PORT } from '../key.ts';

export const apiKeys: readonly Key[] = [
  {
    name: 'api.listen_addr',
    type: ADDRESS,
    default: '127.0.0.1',
    what: 'The address of the HTTP port.',
    waitsFor: 'the HTTP door',
  },
  {
    name: 'api.port',
    type: PORT,
    default: 8080,
    what: 'The HTTP port, for REST, GraphQL and WebSocket. 0 takes a free one.',
    waitsFor: 'the HTTP door',
  },
];
