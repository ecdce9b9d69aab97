import test from 'ava';
import { Contract, type Seen } from '../../support/contract.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });

const contract = new Contract({
  paths: {
    '/things/{id}': {
      get: {
        operationId: 'getThing',
        responses: {
          200: json({
            type: 'object',
            properties: { id: { type: 'integer' } },
            required: ['id'],
            additionalProperties: false,
          }),
          204: {},
          default: json({ $ref: '#/components/schemas/Error' }),
        },
      },
    },
  },
  components: { schemas: { Error: { type: 'object', required: ['error'] } } },
});

const seen: Seen = {
  method: 'GET',
  path: '/api/v1/things/1',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  text: '{"id":1}',
};

const FAULTS: readonly (readonly [string, Partial<Seen>, RegExp])[] = [
  ['a key too many', { text: '{"id":1,"more":2}' }, /additional properties/],
  ['a key too few', { text: '{}' }, /'id'/],
  ['no JSON', { text: '{"id":' }, /no JSON/],
  ['no body', { text: '', contentType: 'application/json' }, /no body/],
  ['another status', { status: 201 }, /a status of no response/],
  ['another type', { contentType: 'text/plain' }, /the content type text\/plain/],
  ['a body too many', { status: 204 }, /a body where/],
  ['a failure of another shape', { status: 404 }, /'error'/],
  ['a method that is not there', { method: 'PUT' }, /no put/],
  ['a path that is not there', { path: '/api/v1/nothing' }, /no operation/],
];

for (const [what, change, reason] of FAULTS) {
  test(`${what} is noticed`, (t) => {
    t.throws(() => contract.judge({ ...seen, ...change }), { message: reason });
  });
}

test('what is as the document says passes', (t) => {
  contract.judge(seen);
  contract.judge({ ...seen, status: 204, text: '' });
  contract.judge({ ...seen, status: 404, text: '{"error":{}}' });
  contract.judge({ ...seen, path: '/api/v1/nothing', status: 404, text: '{"error":{}}' });
  contract.judge({ ...seen, path: '/health' });
  t.deepEqual([...contract.called], ['getThing']);
});
