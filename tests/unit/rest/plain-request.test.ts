import test from 'ava';
import { PlainReader } from '../../../ts/rest/lane/plain-request.ts';

/** Of one reader, which knows the heads that it has read. */
const reader = new PlainReader();
const plainRequest = (bytes: Buffer) => reader.read(bytes);

const BODY = '{"sql":"SELECT 1"}';
const HEAD = [
  'POST /api/v1/query HTTP/1.1',
  'Host: localhost',
  'Content-Type: application/json',
  `Content-Length: ${BODY.length}`,
];
const bytes = (head: readonly string[], body = BODY): Buffer =>
  Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
const [start = '', ...HEADERS] = HEAD;

test('a plain request is read, and what stands behind it left alone', (t) => {
  const all = Buffer.concat([bytes([...HEAD, 'X-Request-Id: a b']), Buffer.from('POST')]);
  const request = plainRequest(all);
  t.is(request?.body.toString(), BODY);
  t.is(request?.headers['x-request-id'], 'a b');
  t.is(request?.headers.host, 'localhost');
  t.is(all.subarray(request?.end).toString(), 'POST');
});

test('white space round a value is none of it', (t) => {
  const request = plainRequest(bytes([...HEAD, 'User-Agent: \t curl/8 (x) \t']));
  t.is(request?.headers['user-agent'], 'curl/8 (x)');
});

test('a list of encodings without weights is plain', (t) => {
  for (const list of ['gzip', 'gzip, deflate, br, zstd', 'gzip,deflate', 'identity']) {
    const request = plainRequest(bytes([...HEAD, `Accept-Encoding: ${list}`]));
    t.is(request?.headers['accept-encoding'], list);
  }
});

test('heads that came before are told apart by every byte', (t) => {
  for (const host of ['localhost', 'localhose', 'localhost']) {
    const head = HEAD.map((line) => (line.startsWith('Host') ? `Host: ${host}` : line));
    t.is(plainRequest(bytes(head))?.headers.host, host);
  }
  t.is(plainRequest(bytes(HEAD.map((line) => line.replace('POST', 'PUTS')))), undefined);
});

const with1 = (line: string): Buffer => bytes([...HEAD, line]);
const without = (name: string): Buffer =>
  bytes([start, ...HEADERS.filter((line) => !line.startsWith(name))]);
const length = (value: string, body = BODY): Buffer =>
  bytes([start, ...HEADERS.slice(0, 2), `Content-Length: ${value}`], body);

const NOT_PLAIN: Readonly<Record<string, Buffer>> = {
  'another path': bytes(['POST /api/v1/query/explain HTTP/1.1', ...HEADERS]),
  'a query string': bytes(['POST /api/v1/query?a=1 HTTP/1.1', ...HEADERS]),
  'another method': bytes(['GET /api/v1/query HTTP/1.1', ...HEADERS]),
  'an absolute target': bytes(['POST http://localhost/api/v1/query HTTP/1.1', ...HEADERS]),
  'another version': bytes(['POST /api/v1/query HTTP/1.0', ...HEADERS]),
  'an empty line before it': Buffer.concat([Buffer.from('\r\n'), bytes(HEAD)]),
  'no host': without('Host'),
  'two hosts': with1('Host: localhost'),
  'no length': without('Content-Length'),
  'two lengths': with1(`Content-Length: ${BODY.length}`),
  'a list of lengths': length(`${BODY.length}, ${BODY.length}`),
  'a length with a sign': length(`+${BODY.length}`),
  'a length with a zero before it': length(`0${BODY.length}`),
  'a length of none': length('0', ''),
  'a length in another base': length('0x12'),
  'a length over the limit': length('65537', 'x'.repeat(65537)),
  'a length that is not there yet': length(`${BODY.length + 1}`),
  'a transfer coding': with1('Transfer-Encoding: chunked'),
  'a coding of the body': with1('Content-Encoding: gzip'),
  'an upgrade': with1('Upgrade: websocket'),
  'an expectation': with1('Expect: 100-continue'),
  'an end of the connection': with1('Connection: close'),
  'options of the connection': with1('Connection: keep-alive, x-request-id'),
  'a header that is not known': with1('X-Other: 1'),
  'encodings with weights': with1('Accept-Encoding: gzip;q=0.5, br'),
  'an encoding that is not known': with1('Accept-Encoding: gzip, compress'),
  'any encoding': with1('Accept-Encoding: *'),
  'no encoding': with1('Accept-Encoding:'),
  'no JSON': bytes([start, 'Host: localhost', 'Content-Type: text/plain', HEADERS[2] ?? '']),
  'no type': without('Content-Type'),
  'a folded line': with1(' folded'),
  'a blank before the colon': with1('Accept : */*'),
  'no colon': with1('Accept'),
  'no name': with1(': 1'),
  'a bare line feed': Buffer.from(`${HEAD.join('\n')}\n\n${BODY}`),
  'a line feed in a value': with1('Accept: a\nb'),
  'a carriage return in a value': with1('Accept: a\rb'),
  'a NUL in a value': with1('Accept: a\0b'),
  'a value beyond ASCII': with1('Accept: \xe9'),
  'a long head': with1(`User-Agent: ${'x'.repeat(2048)}`),
  'a head without its end': Buffer.from(HEAD.join('\r\n')),
  nothing: Buffer.alloc(0),
};

for (const [name, raw] of Object.entries(NOT_PLAIN)) {
  test(`not plain: ${name}`, (t) => {
    t.is(plainRequest(raw), undefined);
  });
}

test('no beginning of a plain request is one', (t) => {
  const whole = bytes(HEAD);
  for (let end = 0; end < whole.length; end += 1) {
    t.is(plainRequest(whole.subarray(0, end)), undefined, `${end} bytes`);
  }
});
