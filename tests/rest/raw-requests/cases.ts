// Requests as no client writes them, byte by byte: what proxies and servers have been made to read
// in two ways. Each runs `SELECT n` where it runs at all, with another `n` for every request that
// somebody could see in it, so that a smuggled one is known by its row.

/** Bytes to be sent on one connection. */
export interface RawCase {
  readonly name: string;
  readonly bytes: Buffer;
  /**
   * When the client closes its side, where no further request can end the connection: behind what is
   * never complete, or once there is an answer behind which the server reads no more.
   */
  readonly ends?: 'at once' | 'when answered';
}

const CRLF = '\r\n';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The body of a request that asks for the row `n`. */
export const bodyOf = (n: number): string => `{"sql":"SELECT ${n} AS n"}`;

interface Parts {
  readonly start?: string;
  readonly host?: readonly string[];
  /** Between those that every request has. */
  readonly headers?: readonly string[];
  /** Lines that say how long the body is. */
  readonly framing?: readonly string[];
  readonly body?: string;
  readonly lineEnd?: string;
}

/** A request for the row 1, otherwise than the parts say a plain one. */
export function raw(parts: Parts = {}): Buffer {
  const { body = bodyOf(1), lineEnd = CRLF, headers = [] } = parts;
  const { start = 'POST /api/v1/query HTTP/1.1', host = ['Host: localhost'] } = parts;
  const { framing = [`Content-Length: ${body.length}`] } = parts;
  const lines = [start, ...host, 'Content-Type: application/json', ...headers, ...framing];
  return latin1(`${lines.join(lineEnd)}${lineEnd}${lineEnd}${body}`);
}

const CHUNKED = 'Transfer-Encoding: chunked';
const LENGTH = `Content-Length: ${bodyOf(1).length}`;
/** A request that hides in the body of another. */
const HIDDEN = raw({ body: bodyOf(666) }).toString('latin1');

const hex = (length: number): string => length.toString(16);
const chunk = (text: string, size = hex(text.length)): string => `${size}\r\n${text}\r\n`;
const END = '0\r\n\r\n';
const whole = chunk(bodyOf(1)) + END;

const chunked = (body: string, ...headers: readonly string[]): Buffer =>
  raw({ framing: [CHUNKED], headers, body });
const framed = (framing: readonly string[], body = bodyOf(1)): Buffer => raw({ framing, body });
const withHeader = (...headers: readonly string[]): Buffer => raw({ headers });
const withStart = (start: string): Buffer => raw({ start });

type Cases = Readonly<Record<string, Buffer>>;

const LENGTHS: Cases = {
  'a length and chunks': framed([LENGTH, CHUNKED], whole),
  'chunks and a length': framed([CHUNKED, LENGTH], whole),
  'a length of none before chunks': framed(['Content-Length: 0', CHUNKED], whole),
  'a short length before chunks that hide a request': framed(
    ['Content-Length: 4', CHUNKED],
    chunk(HIDDEN) + END,
  ),
  'chunks that end before a hidden request, and a length': framed(
    [CHUNKED, `Content-Length: ${END.length + HIDDEN.length}`],
    END + HIDDEN,
  ),
  'the same length twice': framed([LENGTH, LENGTH]),
  'two lengths': framed([LENGTH, 'Content-Length: 3']),
  'a list of one length': framed([`${LENGTH}, ${bodyOf(1).length}`]),
  'a length of none, then one': framed(['Content-Length: 0', LENGTH]),
  'a length with a plus': framed([`Content-Length: +${bodyOf(1).length}`]),
  'a negative length': framed(['Content-Length: -1']),
  'a length in hexadecimal': framed(['Content-Length: 0x18']),
  'a length with a zero before it': framed([`Content-Length: 0${bodyOf(1).length}`]),
  'a length with a blank in it': framed(['Content-Length: 2 4']),
  'a length with letters behind it': framed([`${LENGTH}abc`]),
  'a length that is a fraction': framed(['Content-Length: 24.0']),
  'a length that overflows': framed([`Content-Length: ${2n ** 64n + 24n}`]),
  'an empty length': framed(['Content-Length:']),
  'a length before a hidden request': framed(['Content-Length: 0'], HIDDEN),
  'no length, and a hidden request for a body': framed([], HIDDEN),
};

const CODINGS: Cases = {
  chunks: chunked(whole),
  'a coding that is not known': framed(['Transfer-Encoding: xchunked'], whole),
  'chunks twice in one line': framed(['Transfer-Encoding: chunked, chunked'], whole),
  'chunks twice in two lines': framed([CHUNKED, CHUNKED], whole),
  'chunks, then a coding that is none': framed([CHUNKED, 'Transfer-Encoding: cow'], whole),
  'no coding': framed(['Transfer-Encoding: identity', LENGTH]),
  'chunks, then none': framed(['Transfer-Encoding: chunked, identity'], whole),
  'an empty coding': framed(['Transfer-Encoding:', LENGTH]),
  'chunks in capitals': framed(['TRANSFER-ENCODING: CHUNKED'], whole),
  'chunks in quotes': framed(['Transfer-Encoding: "chunked"'], whole),
  'chunks behind a vertical tab': framed(['Transfer-Encoding: \x0bchunked'], whole),
  'chunks behind a tab': framed(['Transfer-Encoding:\tchunked'], whole),
  'chunks with a blank before the colon': framed(['Transfer-Encoding : chunked'], whole),
  'chunks on a folded line': framed(['Transfer-Encoding:\r\n chunked'], whole),
  'chunks with a underscore': framed(['Transfer_Encoding: chunked', LENGTH]),
  'chunks behind a bare line feed': framed([`X-A: b\n${CHUNKED}`, LENGTH], whole),
  'chunks in HTTP/1.0': raw({
    start: 'POST /api/v1/query HTTP/1.0',
    framing: [CHUNKED],
    body: whole,
  }),
};

const CHUNKS: Cases = {
  'chunk by chunk': chunked([...bodyOf(1)].map((one) => chunk(one)).join('') + END),
  'an extension': chunked(chunk(bodyOf(1), `${hex(24)};a=b`) + END),
  'an extension in quotes': chunked(chunk(bodyOf(1), `${hex(24)};a="b;c"`) + END),
  'an extension with a line feed': chunked(chunk(bodyOf(1), `${hex(24)};a\nb`) + END),
  'an extension with a carriage return': chunked(chunk(bodyOf(1), `${hex(24)};a\rb`) + END),
  'a long extension': chunked(chunk(bodyOf(1), `${hex(24)};${'a'.repeat(20_000)}`) + END),
  'many extensions': chunked(
    [...bodyOf(1)].map((one) => chunk(one, `1;${'x'.repeat(1000)}`)).join('') + END,
  ),
  'a size with zeros before it': chunked(chunk(bodyOf(1), `0000${hex(24)}`) + END),
  'a size with 0x': chunked(chunk(bodyOf(1), `0x${hex(24)}`) + END),
  'a negative size': chunked(chunk(bodyOf(1), `-${hex(24)}`) + END),
  'a size with a plus': chunked(chunk(bodyOf(1), `+${hex(24)}`) + END),
  'a size with a blank before it': chunked(chunk(bodyOf(1), ` ${hex(24)}`) + END),
  'a size with a blank behind it': chunked(chunk(bodyOf(1), `${hex(24)} `) + END),
  'a size that overflows 64 bits': chunked(chunk(bodyOf(1), '10000000000000018') + END),
  'a size of many digits': chunked(chunk(bodyOf(1), `${'0'.repeat(1000)}18`) + END),
  'a size that is no number': chunked(chunk(bodyOf(1), 'zz') + END),
  'no size': chunked(chunk(bodyOf(1), '') + END),
  'a size in underscores': chunked(chunk(bodyOf(1), '1_8') + END),
  'a chunk longer than its size': chunked(chunk(bodyOf(1), hex(20)) + END),
  'a chunk shorter than its size': chunked(chunk(bodyOf(1), hex(26)) + END),
  'chunks with bare line feeds': chunked(whole.replaceAll('\r\n', '\n')),
  'a size with a bare carriage return': chunked(`18\r${bodyOf(1)}\r\n${END}`),
  'a chunk without its line end': chunked(`18\r\n${bodyOf(1)}${END}`),
  'an end with a bare line feed': chunked(`${chunk(bodyOf(1))}0\n\n`),
  'an end of several zeros': chunked(`${chunk(bodyOf(1))}000\r\n\r\n`),
  'a hidden request behind the end': chunked(whole + HIDDEN),
  'a hidden request in a trailer': chunked(`${chunk(bodyOf(1))}0\r\nX: y\r\n${HIDDEN}\r\n`),
  'a trailer': chunked(`${chunk(bodyOf(1))}0\r\nX-Sum: 1\r\n\r\n`),
  'a trailer that says a length': chunked(`${chunk(bodyOf(1))}0\r\nContent-Length: 9\r\n\r\n`),
  'a trailer that says chunks': chunked(`${chunk(bodyOf(1))}0\r\n${CHUNKED}\r\n\r\n`),
  'a long trailer': chunked(`${chunk(bodyOf(1))}0\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
  'a folded trailer': chunked(`${chunk(bodyOf(1))}0\r\nX: y\r\n z\r\n\r\n`),
};

const LINES: Cases = {
  'bare line feeds': raw({ lineEnd: '\n' }),
  'bare carriage returns': raw({ lineEnd: '\r' }),
  'line ends the other way round': raw({ lineEnd: '\n\r' }),
  'a bare line feed before a header': withHeader('X-A: b\nX-C: d'),
  'a bare carriage return in a value': withHeader('X-A: b\rX-C: d'),
  'a bare carriage return in a value that is known': withHeader('Accept: a\rb'),
  'two carriage returns': withHeader('X-A: b\r'),
  'a head that ends with a bare line feed': latin1(
    raw().toString('latin1').replace('\r\n\r\n', '\r\n\n'),
  ),
  'a folded header': withHeader('X-A: b', ' c'),
  'a header folded with a tab': withHeader('Accept: b', '\tc'),
  'a folded line before the first header': raw({ host: [' folded', 'Host: localhost'] }),
  'a blank before the colon': withHeader('Accept : */*'),
  'a tab before the colon': withHeader('Accept\t: */*'),
  'a blank before a name': raw({ host: [' Host: localhost'] }),
  'no colon': withHeader('Accept'),
  'no name': withHeader(': a'),
  'a name of a blank': withHeader(' : a'),
  'a name in parentheses': withHeader('(a): b'),
  'a name beyond ASCII': withHeader('\xe9: b'),
  'a NUL in a name': withHeader('X\0A: b'),
  'a NUL in a value': withHeader('X-A: a\0b'),
  'a NUL in a value that is known': withHeader('Accept: a\0b'),
  'a control byte in a value': withHeader('X-A: a\x01b'),
  'a control byte in a value that is known': withHeader('User-Agent: a\x07b'),
  'a DEL in a value': withHeader('User-Agent: a\x7fb'),
  'a value beyond ASCII': withHeader('User-Agent: \xff'),
  'an empty value': withHeader('User-Agent:'),
  'blanks behind a value': withHeader('User-Agent: a  \t '),
  'a length with a NUL before it': framed(['\0Content-Length: 0', LENGTH]),
  'ten thousand headers': withHeader(...Array.from({ length: 10_000 }, (_, at) => `X-${at}:`)),
  'three thousand headers': withHeader(...Array.from({ length: 3000 }, () => 'X:')),
  'a header section that is too large': withHeader(`X-A: ${'a'.repeat(20_000)}`),
  'a value that is too large and known': withHeader(`User-Agent: ${'a'.repeat(20_000)}`),
  'a name that is too large': withHeader(`${'a'.repeat(20_000)}: b`),
};

const STARTS: Cases = {
  'a line before it': Buffer.concat([latin1('\r\n'), raw()]),
  'many lines before it': Buffer.concat([latin1('\r\n'.repeat(50)), raw()]),
  'a bare line feed before it': Buffer.concat([latin1('\n'), raw()]),
  'a blank before it': Buffer.concat([latin1(' '), raw()]),
  'a NUL before it': Buffer.concat([latin1('\0'), raw()]),
  'a byte order mark before it': Buffer.concat([Buffer.from('\ufeff'), raw()]),
  'two blanks in the start line': withStart('POST  /api/v1/query HTTP/1.1'),
  'a tab in the start line': withStart('POST\t/api/v1/query HTTP/1.1'),
  'a blank behind the version': withStart('POST /api/v1/query HTTP/1.1 '),
  'a blank in the target': withStart('POST /api/v1/ query HTTP/1.1'),
  'a fragment in the target': withStart('POST /api/v1/query#a HTTP/1.1'),
  'a NUL in the target': withStart('POST /api/v1/query\0 HTTP/1.1'),
  'a target beyond ASCII': withStart('POST /api/v1/query\xe9 HTTP/1.1'),
  'a bad percent in the target': withStart('POST /api/v1/%zz HTTP/1.1'),
  'steps up in the target': withStart('POST /api/v1/x/../query HTTP/1.1'),
  'slashes in the target': withStart('POST //api/v1/query HTTP/1.1'),
  'an absolute target': withStart('POST http://localhost/api/v1/query HTTP/1.1'),
  'an absolute target of another host': withStart('POST http://example.org/api/v1/query HTTP/1.1'),
  'an absolute target without a path': withStart('POST http://localhost HTTP/1.1'),
  'an asterisk': withStart('OPTIONS * HTTP/1.1'),
  'an asterisk that is posted to': withStart('POST * HTTP/1.1'),
  'a tunnel': withStart('CONNECT localhost:1 HTTP/1.1'),
  'a tunnel to a path': withStart('CONNECT /api/v1/query HTTP/1.1'),
  'no method': withStart('/api/v1/query HTTP/1.1'),
  'a method that is not known': withStart('STEAL /api/v1/query HTTP/1.1'),
  'a method in small letters': withStart('post /api/v1/query HTTP/1.1'),
  'a method with a blank before it': withStart(' POST /api/v1/query HTTP/1.1'),
  'no target': withStart('POST HTTP/1.1'),
  'no version': withStart('POST /api/v1/query'),
  'HTTP/0.9': latin1('GET /api/v1/version\r\n'),
  'HTTP/1.0': withStart('POST /api/v1/query HTTP/1.0'),
  'HTTP/1.2': withStart('POST /api/v1/query HTTP/1.2'),
  'HTTP/2.0': withStart('POST /api/v1/query HTTP/2.0'),
  'HTTP/11': withStart('POST /api/v1/query HTTP/11'),
  'HTTP/1.10': withStart('POST /api/v1/query HTTP/1.10'),
  'http/1.1': withStart('POST /api/v1/query http/1.1'),
  'another protocol': withStart('POST /api/v1/query HTCPCP/1.1'),
  'the preface of HTTP/2': latin1('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'a hello of TLS': Buffer.from('16030100a5010000a10303', 'hex'),
  'a start of the PostgreSQL protocol': Buffer.from('000000080004d2162f', 'hex'),
  'a URL that is too long': withStart(`POST /api/v1/query?${'a'.repeat(20_000)} HTTP/1.1`),
  'a hidden request in the start line': withStart(
    'POST /api/v1/query HTTP/1.1\rHost: a\r\rGET / HTTP/1.1',
  ),
};

const HOSTS: Cases = {
  'no host': raw({ host: [] }),
  'two hosts': raw({ host: ['Host: localhost', 'Host: localhost'] }),
  'two hosts that differ': raw({ host: ['Host: localhost', 'Host: example.org'] }),
  'an empty host': raw({ host: ['Host:'] }),
  'a host with a path': raw({ host: ['Host: localhost/a'] }),
  'a host with a user': raw({ host: ['Host: a@localhost'] }),
  'a host with a blank': raw({ host: ['Host: local host'] }),
  'a list of hosts': raw({ host: ['Host: localhost, example.org'] }),
  'a host with a bad port': raw({ host: ['Host: localhost:99999999'] }),
  'a host beyond ASCII': raw({ host: ['Host: \xe9'] }),
};

const OPTIONS: Cases = {
  'an expectation': withHeader('Expect: 100-continue'),
  'an expectation that is not known': withHeader('Expect: tea'),
  'an empty expectation': withHeader('Expect:'),
  'an upgrade that the connection does not name': withHeader('Upgrade: websocket'),
  'a connection that is closed': withHeader('Connection: close'),
  'a connection that is closed and kept': withHeader('Connection: close, keep-alive'),
  'a connection that names the length': withHeader('Connection: content-length'),
  'a connection said twice': withHeader('Connection: keep-alive', 'Connection: keep-alive'),
  'a body that is compressed and is not': withHeader('Content-Encoding: gzip'),
  'another method by a header': withHeader('X-HTTP-Method-Override: DELETE'),
  'another path by a header': withHeader('X-Original-URL: /api/v1/tables'),
};

const PIPELINES: Cases = {
  'two requests': Buffer.concat([raw(), raw({ body: bodyOf(2) })]),
  'twenty requests': Buffer.concat(
    Array.from({ length: 20 }, (_, n) => raw({ body: bodyOf(n + 1) })),
  ),
  'requests with a line between them': Buffer.concat([raw(), latin1('\r\n'), raw()]),
  'requests with a bare line feed between them': Buffer.concat([raw(), latin1('\n'), raw()]),
  'requests with letters between them': Buffer.concat([raw(), latin1('abc'), raw()]),
  'a GET with a body between two': Buffer.concat([
    raw(),
    raw({ start: 'GET /api/v1/health/live HTTP/1.1', body: HIDDEN }),
    raw({ body: bodyOf(2) }),
  ]),
  'mixed methods': Buffer.concat([
    raw(),
    latin1('HEAD /api/v1/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    latin1('OPTIONS /api/v1/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    raw({ body: bodyOf(2) }),
    latin1('DELETE /api/v1/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    raw({ body: bodyOf(3) }),
  ]),
  'plain ones and chunks in turn': Buffer.concat([
    raw(),
    chunked(chunk(bodyOf(2)) + END),
    raw({ body: bodyOf(3) }),
    chunked(chunk(bodyOf(4)) + END),
  ]),
  'a plain one, then one that is refused': Buffer.concat([
    raw(),
    framed(['Content-Length: 4', CHUNKED], chunk(HIDDEN) + END),
    raw({ body: bodyOf(3) }),
  ]),
  'a plain one, then one that closes': Buffer.concat([
    raw(),
    withHeader('Connection: close'),
    raw({ body: bodyOf(3) }),
  ]),
  'a body longer than its length': raw({
    framing: [LENGTH],
    body: `${bodyOf(1)}${bodyOf(666)}`,
  }),
  'a body that hides a request': raw({ body: `{"sql":"SELECT 1 AS n", "a":"${HIDDEN}"}` }),
  'an empty body': raw({ body: '' }),
  'a body that is no JSON': raw({ body: 'SELECT 1' }),
};

/** What is never complete. */
const CUT_OFF: Cases = {
  nothing: Buffer.alloc(0),
  'one byte': latin1('P'),
  'half of a start line': latin1('POST /api/v1/qu'),
  'half of a head': raw().subarray(0, 60),
  'a head without its body': raw({ body: '', framing: [LENGTH] }),
  'a body shorter than its length': raw({ framing: ['Content-Length: 99'] }),
  'a chunk without its end': chunked(chunk(bodyOf(1))),
  'a size of a chunk': chunked('18'),
  'a chunk of more than 32 bits': chunked(chunk(bodyOf(1), '100000018') + END),
  'a trailer without its end': chunked(`${chunk(bodyOf(1))}0\r\nX: y\r\n`),
  'a head that expects to be told to go on': raw({
    headers: ['Expect: 100-continue'],
    framing: [LENGTH],
    body: '',
  }),
};

/** Behind these node:http reads nothing. */
const UPGRADES: Cases = {
  'to a WebSocket': withHeader('Connection: Upgrade', 'Upgrade: websocket'),
  'to HTTP/2': withHeader('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'),
  'with a hidden request behind it': Buffer.concat([
    withHeader('Connection: Upgrade', 'Upgrade: websocket'),
    latin1(HIDDEN),
  ]),
};

const named = (group: string, cases: Cases, ends?: RawCase['ends']): readonly RawCase[] =>
  Object.entries(cases).map(([name, bytes]) => ({
    name: `${group}: ${name}`,
    bytes,
    ...(ends === undefined ? {} : { ends }),
  }));

export const RAW_CASES: readonly RawCase[] = [
  ...named('length', LENGTHS),
  ...named('coding', CODINGS),
  ...named('chunk', CHUNKS),
  ...named('line', LINES),
  ...named('start', STARTS),
  ...named('host', HOSTS),
  ...named('option', OPTIONS),
  ...named('pipeline', PIPELINES),
  ...named('cut off', CUT_OFF, 'at once'),
  ...named('upgrade', UPGRADES, 'when answered'),
];
