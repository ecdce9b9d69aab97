// What came back on a connection, read as strictly as a proxy would.

/** One answer; the first 1xx of a request is none. */
export interface RawAnswer {
  readonly status: number;
  /** The row that was asked for, where it was a query that ran. */
  readonly row: number | undefined;
}

const HEAD = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^:\r\n]+:[^\r\n]*\r\n)*)\r\n/;
const ROW = /"rows":\[\{"n":(\d+)\}\]/;

/** Where the body that begins at `start` ends, and its text. */
function bodyAt(text: string, start: number, headers: string): { end: number; body: string } {
  if (/^transfer-encoding: *chunked\r$/im.test(headers)) {
    let body = '';
    for (let at = start; ; ) {
      const size = /^([0-9a-f]+)\r\n/.exec(text.slice(at));
      if (size === null) throw new Error(`no chunk: ${JSON.stringify(text.slice(at, at + 40))}`);
      const length = Number.parseInt(size[1] ?? '', 16);
      const first = at + size[0].length;
      body += text.slice(first, first + length);
      at = first + length + 2;
      if (length === 0) return { end: at, body };
    }
  }
  const length = /^content-length: *(\d+)\r$/im.exec(headers)?.[1];
  // An answer to HEAD says a length and has none.
  const isBodiless = text.startsWith('HTTP/1.1 ', start);
  const end = isBodiless ? start : length === undefined ? text.length : start + Number(length);
  return { end, body: text.slice(start, end) };
}

/** Throws where the bytes are no answers of HTTP/1.1. */
export function answersOf(text: string): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < text.length; ) {
    const head = HEAD.exec(text.slice(at));
    if (head === null) throw new Error(`no answer: ${JSON.stringify(text.slice(at, at + 80))}`);
    const status = Number(head[1]);
    const start = at + head[0].length;
    if (status < 200) {
      at = start;
      continue;
    }
    const { end, body } = bodyAt(text, start, head[2] ?? '');
    const row = ROW.exec(body)?.[1];
    answers.push({ status, row: row === undefined ? undefined : Number(row) });
    at = end;
  }
  return answers;
}

/**
 * Why the answers to some bytes are laxer than those of plain node:http, or otherwise wrong;
 * undefined where they are not.
 */
export function whyLaxer(
  ours: readonly RawAnswer[],
  plain: readonly RawAnswer[],
): string | undefined {
  // What is refused may take the place of an answer that was under way: whether it does is chance.
  const isCut = ours.length < plain.length && (ours.at(-1)?.status ?? 0) >= 400;
  if (ours.length !== plain.length && !isCut) return 'not as many answers';
  for (const [at, { status, row }] of ours.entries()) {
    const other = plain[at];
    if (other === undefined) return 'an answer too many';
    if (other.status >= 400 && status < 400) return `answer ${at} should refuse`;
    if (status >= 500 && status !== 501 && status !== 505) return `answer ${at} is a fault`;
    if (row !== undefined && row !== other.row) return `answer ${at} is of another request`;
  }
  return undefined;
}
