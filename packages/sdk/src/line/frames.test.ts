import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrames, textOfFrame } from './frames.ts';

const open = (head: Buffer, maxChars?: number) => {
  const socket = new PassThrough();
  const frames: unknown[] = [];
  socket.on('error', () => {});
  readFrames(socket, head, (frame) => void frames.push(frame), maxChars);
  return { socket, frames };
};

const closed = (socket: PassThrough): Promise<boolean> =>
  new Promise((resolve) => void socket.once('close', () => resolve(true)));

describe('the frames of a line', () => {
  it('are the same wherever the bytes were cut', async () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
    const property = fc.asyncProperty(
      fc.array(object, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (objects, cuts) => {
        const bytes = Buffer.from(objects.map((one) => `${JSON.stringify(one)}\n`).join(''));
        const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length];
        places.sort((a, b) => a - b);
        const [head, ...rest] = places
          .slice(1)
          .map((place, index) => bytes.subarray(places[index], place));
        const { socket, frames } = open(head!);
        for (const part of rest) socket.write(part);
        socket.end();
        await new Promise((resolve) => void socket.once('end', resolve));
        expect(frames).toEqual(objects.map((one) => JSON.parse(JSON.stringify(one))));
      },
    );
    await fc.assert(property);
  });

  it.each(['{', 'null', '7', '"text"', 'GET / HTTP/1.1\r'])(
    '%j is none: it ends the line',
    async (text) => {
      const { socket, frames } = open(Buffer.alloc(0));
      const ended = closed(socket);
      socket.write(`${text}\n`);
      expect(await ended).toBe(true);
      expect(frames).toEqual([]);
    },
  );

  it('ends the line once one grows too long', async () => {
    const { socket, frames } = open(Buffer.alloc(0), 100);
    const ended = closed(socket);
    socket.write(`{"a":"${'x'.repeat(50)}"}\n{"a":"${'x'.repeat(150)}`);
    expect(await ended).toBe(true);
    expect(frames).toHaveLength(1);
  });

  it('are not written where whoever reads would end the line for them', () => {
    const value = 'x'.repeat(64 * 1024 * 1024);
    expect(() => textOfFrame({ id: 1, value })).toThrow('too long');
    expect(() => textOfFrame({ id: 1, value: 1n })).toThrow('BigInt');
  });
});
