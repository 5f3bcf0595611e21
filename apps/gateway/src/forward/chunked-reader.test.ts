import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChunkedReader } from './chunked-reader.ts';

const encode = (chunks: readonly Uint8Array[], tail = '0\r\n\r\n'): Buffer =>
  Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)};ext="a"\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(tail),
  ]);

/** Reads bytes cut at the given places; answers the content and whether each push saw the end. */
const read = (bytes: Buffer, cuts: readonly number[]) => {
  const reader = createChunkedReader();
  const content: Buffer[] = [];
  const places = [...cuts, bytes.length].toSorted((a, b) => a - b);
  let from = 0;
  let ended = false;
  for (const to of places) {
    if (to > from)
      ended = reader.push(bytes.subarray(from, to), (piece) => content.push(Buffer.from(piece)));
    from = Math.max(from, to);
  }
  return { content: Buffer.concat(content), ended };
};

describe('createChunkedReader', () => {
  it('gives the content back however the bytes were cut', () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), fc.infiniteStream(fc.nat()), (chunks, at) => {
        const bytes = encode(chunks);
        const cuts = [...at.take(5)].map((number) => number % bytes.length);
        const { content, ended } = read(bytes, cuts);
        expect(ended).toBe(true);
        expect(content.equals(Buffer.concat(chunks))).toBe(true);
        expect(
          read(
            bytes.subarray(0, -1),
            cuts.map((cut) => cut % (bytes.length - 1)),
          ).ended,
        ).toBe(false);
      }),
    );
  });

  it('drops trailer fields', () => {
    const bytes = encode([Buffer.from('ab')], '0\r\nx-sum: 1\r\n\r\n');
    expect(read(bytes, [9])).toEqual({ content: Buffer.from('ab'), ended: true });
  });

  it.each([
    ['a size that is no number', 'xyz\r\n'],
    ['a negative size', '-1\r\n'],
    ['a size without end', '1'.repeat(5000)],
    ['a line that ends without CR', '1\na'],
    ['a chunk longer than its size', '1\r\nabc\r\n'],
    ['bytes after the end', '0\r\n\r\nHTTP/1.1 200 OK\r\n'],
  ])('refuses %s', (_name, text) => {
    expect(() => read(Buffer.from(text), [])).toThrow();
  });
});
