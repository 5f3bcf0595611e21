import { describe, expect, it } from 'vitest';
import { addressKey } from './remote-address.ts';
import { readHead } from './request-head.ts';
import { createTraceparent, isTraceparent } from './trace-context.ts';

describe('readHead', () => {
  it('forwards what operations use and nothing else', () => {
    const head = readHead([
      ...['Host', 'x', 'Authorization', 'Bearer a', 'authorization', 'Bearer b'],
      ...['Accept', 'text/event-stream', 'Connection', 'x-a', 'X-A', '1', 'Cookie', 'c=d'],
      ...['X-Holdfast-Principal', 'root', 'Transfer-Encoding', 'chunked', 'Last-Event-ID', '7'],
    ]);
    expect(head.authorization).toBe('Bearer a');
    expect(head.accept).toBe('text/event-stream');
    expect(head.hasBody).toBe(true);
    expect(head.forwarded).toBe('accept: text/event-stream\r\nlast-event-id: 7\r\n');
  });

  it('tells an empty body from one that is there', () => {
    expect(readHead(['Content-Length', '0'])).toMatchObject({ contentLength: 0, hasBody: false });
    expect(readHead(['Content-Length', '9'])).toMatchObject({ contentLength: 9, hasBody: true });
  });
});

describe('trace context', () => {
  it('makes traces that are valid and all different', () => {
    const made = new Set(Array.from({ length: 1000 }, createTraceparent));
    expect(made.size).toBe(1000);
    expect([...made].every(isTraceparent)).toBe(true);
  });

  it.each([
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    '01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  ])('does not take %s', (value) => {
    expect(isTraceparent(value)).toBe(false);
  });
});

describe('addressKey', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:0db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('counts %s as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
