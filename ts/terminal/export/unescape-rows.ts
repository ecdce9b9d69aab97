// The text format of COPY back into the text of its one column: how JSON comes out of the server.

const BACKSLASH = 0x5c;
const SPACE = 0x20;

/**
 * Takes the escapes of COPY's text format away. A line feed within a value can only be white space
 * of a JSON document, so it becomes a space: the document stays on its line.
 */
export async function* unescapeRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isEscaped = false;
  for await (const chunk of chunks) {
    if (!isEscaped && chunk.indexOf(BACKSLASH) === -1) {
      yield chunk;
      continue;
    }
    const out = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (!isEscaped && byte === BACKSLASH) {
        isEscaped = true;
        continue;
      }
      out[length] = isEscaped && byte !== BACKSLASH ? SPACE : byte;
      isEscaped = false;
      length += 1;
    }
    yield out.subarray(0, length);
  }
}
