// `/gateway/filters`: the addresses that may connect, and those that may not.
import { z } from 'zod';
import type { AddressRule, DoorControl } from '../../gateway/index.ts';
import { addressOfClient } from '../client-context.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Gateway';
const PATH = '/gateway/filters';

const action = z.enum(['allow', 'deny']);

const filter = z.object({
  id: z.string(),
  addresses: z.string().meta({ description: 'A range: `10.0.0.0/8`, `2001:db8::/32`' }),
  action,
  note: z.string(),
  source: z.enum(['configuration', 'api']),
  createdAt: z.string(),
});

const body = z.strictObject({
  addresses: z.string().max(64).meta({ description: 'An address, or a range of them' }),
  action,
  note: z.string().max(200).optional(),
});

const pathSchema = z.strictObject({ id: z.string() });
const ORDER = { placeOf: ({ createdAt, id }: AddressRule) => `${createdAt} ${id}` };

export function filterRoutes(doors: DoorControl, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: PATH,
      id: 'listFilters',
      group: GROUP,
      summary: 'The addresses that may connect, and those that may not, the oldest first',
      permission: 'gateway:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(filter) } },
      handle({ query }, reply) {
        reply.json(pageOf(doors.addresses, query, ORDER));
      },
    }),
    route({
      method: 'post',
      path: PATH,
      id: 'createFilter',
      isAudited: true,
      group: GROUP,
      summary: 'Let in, or keep out, the connections of an address or a range',
      description:
        'The longest prefix that matches decides. A range that is allowed within a denied one is ' +
        'an exception; any other makes a list of who may come at all. It holds for new connections of every door, on every ' +
        'thread, until the server stops; what is to stay belongs into the configuration.',
      permission: 'gateway:write',
      bodySchema: body,
      bodyExample: { addresses: '198.51.100.0/24', action: 'deny', note: 'scans' },
      answers: { 201: { description: 'It holds', schema: filter } },
      handle({ body: asked, context }, reply) {
        const made = doors.add(asked, addressOfClient(context.clientAddress));
        reply.header('Location', `/api/v1${PATH}/${made.id}`);
        reply.json(made, 201);
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      id: 'getFilter',
      group: GROUP,
      summary: 'A filter',
      permission: 'gateway:read',
      pathSchema,
      answers: { 200: { description: 'What it is', schema: filter } },
      handle({ path }, reply) {
        reply.json(doors.find(path.id));
      },
    }),
    route({
      method: 'delete',
      path: `${PATH}/{id}`,
      id: 'deleteFilter',
      isAudited: true,
      group: GROUP,
      summary: 'Take a filter away',
      permission: 'gateway:write',
      pathSchema,
      answers: { 204: { description: 'It holds no longer' } },
      handle({ path, context }, reply) {
        doors.remove(path.id, addressOfClient(context.clientAddress));
        reply.empty();
      },
    }),
  ];
}
