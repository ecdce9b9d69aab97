// What the judge of raw requests sees.
import test from 'ava';
import { answersOf, whyLaxer } from '../../rest/raw-requests/answers.ts';

const ok = (row?: number) => ({ status: 200, row });
const refused = { status: 400, row: undefined };

test('answers are told apart by their framing', (t) => {
  const length = 'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n"rows":[{"n":12}]';
  const chunked =
    'HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n';
  t.deepEqual(answersOf(`HTTP/1.1 100 Continue\r\n\r\n${length}${chunked}${length}`), [
    ok(12),
    refused,
    ok(12),
  ]);
  t.throws(() => answersOf(`${length}x`), { message: /no answer/ });
});

test('what is laxer is seen', (t) => {
  t.is(whyLaxer([ok(1)], [ok(1)]), undefined);
  t.is(whyLaxer([refused], [ok(1)]), undefined);
  t.is(whyLaxer([refused], [ok(1), ok(2)]), undefined);
  t.regex(whyLaxer([ok(1)], [refused]) ?? '', /refuse/);
  t.regex(whyLaxer([ok(1), ok(666)], [ok(1)]) ?? '', /as many/);
  t.regex(whyLaxer([ok(1)], [ok(1), ok(2)]) ?? '', /as many/);
  t.regex(whyLaxer([ok(666)], [ok(1)]) ?? '', /another request/);
  t.regex(whyLaxer([{ status: 500, row: undefined }], [ok(1)]) ?? '', /fault/);
});
