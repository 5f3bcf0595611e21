import { StringDecoder } from 'node:string_decoder';

/** A line longer than this many characters is cut: nobody holds a node's memory with a line that never ends. */
const MAX_LINE = 1024 * 1024;

/** The lines of a stream of bytes, as UTF-8, without `\n` and `\r\n`; a last line without its end counts too. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = (parts.pop() ?? '').slice(0, MAX_LINE);
    for (const line of parts) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
