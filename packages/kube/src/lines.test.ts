import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linesOf } from './lines.ts';

const collect = async (chunks: Buffer[]): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of linesOf(Readable.from(chunks))) lines.push(line);
  return lines;
};

it('finds the same lines wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ' '))),
      fc.integer({ min: 1, max: 7 }),
      async (lines, size) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_unused, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        expect(await collect(chunks)).toEqual(lines);
      },
    ),
    { numRuns: 60 },
  );
});

it('drops the carriage return and keeps a last line without its end', async () => {
  expect(await collect([Buffer.from('a\r\nb'), Buffer.from('c')])).toEqual(['a', 'bc']);
});
