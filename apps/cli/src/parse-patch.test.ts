import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePatch } from './parse-patch.ts';

describe('the words of a patch', () => {
  it('are dotted keys with values of JSON, or of plain text', () => {
    expect(
      parsePatch(['limits.rate_limit_rps=80', 'limits.max_hosts=null', 'logging.level=debug']),
    ).toEqual({ limits: { rate_limit_rps: 80, max_hosts: null }, logging: { level: 'debug' } });
    expect(parsePatch(['a=[1,2]', 'b="7"', 'c=x=y'])).toEqual({ a: [1, 2], b: '7', c: 'x=y' });
  });

  it('are one JSON object, or a file with one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-patch-'));
    const file = join(folder, 'patch.json');
    writeFileSync(file, '{"limits":{"max_hosts":2}}');
    expect(parsePatch(['{"limits":{"max_hosts":2}}'])).toEqual(parsePatch([`@${file}`]));
    writeFileSync(file, '[1]');
    expect(() => parsePatch([`@${file}`])).toThrow('expected a JSON object');
    rmSync(folder, { recursive: true });
    expect(() => parsePatch([`@${file}`])).toThrow('ENOENT');
  });

  it.each([
    [['limits']],
    [['=1']],
    [['a..b=1']],
    [['a=1', 'a=2']],
    [['a=1', 'a.b=2']],
    [['a.b=2', 'a=1']],
    [['{"a":']],
  ])('are refused as misuse when they are %j', (words) => {
    expect(() => parsePatch(words)).toThrow(expect.objectContaining({ exit: 64 }));
  });
});
