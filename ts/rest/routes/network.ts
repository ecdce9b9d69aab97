// `/network`: the doors, and the connections that are open on them.
import { z } from 'zod';
import type { ConnectionReport } from '../../gateway/index.ts';
import type { AllConnections } from '../all-connections.ts';
import type { NetworkReport, Protocols } from '../network-report.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Network';

const connection = z.object({
  id: z.string(),
  protocol: z.enum(['http', 'postgresql']),
  thread: z.int().meta({ description: 'Which has it; 0 is the main one' }),
  clientAddress: z.string(),
  state: z.enum(['starting', 'idle', 'receiving', 'working', 'sending', 'open']),
  openedAt: z.string(),
  bytesReceived: z.int(),
  bytesSent: z.int(),
});

const door = z.object({
  protocol: z.enum(['http', 'postgresql']),
  address: z.string(),
  port: z.int(),
  threads: z.int().meta({ description: 'That listen there' }),
  isOpen: z.boolean().meta({ description: 'It takes new connections' }),
  connections: z.int(),
  maxConnections: z.int(),
});

const status = z.object({
  doors: z.array(door),
  connectionsInWork: z.int().meta({ description: 'Of HTTP, with a request in work' }),
  maxConnectionsInWork: z.int(),
  refusedByFilters: z.int().meta({ description: 'Connections, by the main thread' }),
});

const protocol = z.object({
  name: z.enum(['http', 'postgresql']),
  versions: z.array(z.string()),
  enabled: z.boolean(),
});

const protocols = z.object({ items: z.array(protocol), total: z.int() });

const ORDER = { placeOf: ({ openedAt, id }: ConnectionReport) => `${openedAt} ${id}` };
const pathSchema = z.strictObject({ id: z.string() });

function connectionRoutes(connections: AllConnections, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/network/connections',
      id: 'listNetworkConnections',
      group: GROUP,
      summary: 'The connections that are open, on every door and thread, the oldest first',
      permission: 'network:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(connection) } },
      async handle({ query }, reply) {
        reply.json(pageOf(await connections.list(), query, ORDER));
      },
    }),
    route({
      method: 'get',
      path: '/network/connections/{id}',
      id: 'getNetworkConnection',
      group: GROUP,
      summary: 'A connection',
      permission: 'network:read',
      pathSchema,
      answers: { 200: { description: 'As it is now', schema: connection } },
      async handle({ path }, reply) {
        reply.json(await connections.get(path.id));
      },
    }),
    route({
      method: 'delete',
      path: '/network/connections/{id}',
      id: 'closeNetworkConnection',
      isAudited: true,
      group: GROUP,
      summary: 'Close a connection; what runs for it is cancelled',
      permission: 'network:write',
      pathSchema,
      answers: { 204: { description: 'It closes' } },
      async handle({ path }, reply) {
        await connections.close(path.id);
        reply.empty();
      },
    }),
  ];
}

export interface NetworkServices {
  readonly connections: AllConnections;
  readonly report: NetworkReport;
  readonly protocols: Protocols;
  readonly pages: PageSizes;
}

export function networkRoutes(services: NetworkServices): readonly Route[] {
  return [
    ...connectionRoutes(services.connections, services.pages),
    route({
      method: 'get',
      path: '/network/status',
      id: 'networkStatus',
      group: GROUP,
      summary: 'The doors, and how many connections each has',
      permission: 'network:read',
      answers: { 200: { description: 'As it is now', schema: status } },
      async handle(_request, reply) {
        reply.json(await services.report());
      },
    }),
    route({
      method: 'get',
      path: '/network/protocols',
      id: 'listProtocols',
      group: GROUP,
      summary: 'The protocols that the server speaks',
      permission: 'network:read',
      answers: { 200: { description: 'All of them', schema: protocols } },
      handle(_request, reply) {
        reply.json(services.protocols.list());
      },
    }),
    route({
      method: 'put',
      path: '/network/protocols',
      id: 'setProtocols',
      isAudited: true,
      group: GROUP,
      summary: 'Take new connections by a protocol, or refuse them',
      description:
        'Connections that are open stay so. HTTP is what this is asked by, and cannot be refused.',
      permission: 'network:write',
      bodySchema: z.strictObject({
        postgresql: z.strictObject({ enabled: z.boolean() }).optional(),
      }),
      bodyExample: { postgresql: { enabled: true } },
      answers: { 200: { description: 'As it is now', schema: protocols } },
      handle({ body }, reply) {
        if (body.postgresql !== undefined) services.protocols.set('postgresql', body.postgresql);
        reply.json(services.protocols.list());
      },
    }),
  ];
}
