import { describe, expect, it } from 'vitest';
import { parseAnswerHead } from './answer-head.ts';

const parse = (...lines: string[]) => parseAnswerHead(lines.join('\r\n'));

describe('parseAnswerHead', () => {
  it('keeps what is for the caller and drops what is for the connection', () => {
    const head = parse(
      'HTTP/1.1 201 Created',
      'Content-Type: application/json',
      'content-length:  12 ',
      'set-cookie: a=b: c',
      'set-cookie: d=e',
      'Date: Sat, 21 Nov 2026 00:00:00 GMT',
      'Connection: keep-alive',
      'Keep-Alive: timeout=30',
      'x-empty:',
    );
    expect(head).toEqual({
      status: 201,
      fields: [
        ...['x-content-type-options', 'nosniff', 'content-type', 'application/json'],
        ...['content-length', '12', 'set-cookie', 'a=b: c', 'set-cookie', 'd=e', 'x-empty', ''],
      ],
      framing: 12,
      keepAlive: true,
    });
  });

  it.each([
    ['chunks', ['transfer-encoding: Chunked'], 'chunked', true],
    ['the end of the connection', [], 'close', false],
    ['a length on a connection that closes', ['content-length: 3', 'connection: Close'], 3, false],
  ])('finds the framing: %s', (_name, fields, framing, keepAlive) => {
    expect(parse('HTTP/1.1 200 OK', ...fields)).toMatchObject({ framing, keepAlive });
  });

  it.each(['204 No Content', '304 Not Modified'])('knows that %s has no body', (status) => {
    expect(parse(`HTTP/1.1 ${status}`)).toMatchObject({ framing: 0, keepAlive: true });
  });

  it.each([
    ['another protocol', ['SSH-2.0-OpenSSH']],
    ['another version', ['HTTP/1.0 200 OK']],
    ['an absurd status', ['HTTP/1.1 099 x']],
    ['a line without a name', ['HTTP/1.1 200 OK', 'oops']],
    ['an empty name', ['HTTP/1.1 200 OK', ': x', 'a: b']],
    ['two lengths', ['HTTP/1.1 200 OK', 'content-length: 1', 'content-length: 2']],
    ['a length that is no number', ['HTTP/1.1 200 OK', 'content-length: +1']],
    ['both framings', ['HTTP/1.1 200 OK', 'content-length: 1', 'transfer-encoding: chunked']],
    ['another coding', ['HTTP/1.1 200 OK', 'transfer-encoding: gzip, chunked']],
  ])('refuses %s', (_name, lines) => {
    expect(() => parse(...lines)).toThrow(/reading the head of an answer/);
  });
});
