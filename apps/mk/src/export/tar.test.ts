import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tarOf } from './tar.ts';

const LONG = `${'folder/'.repeat(20)}${'n'.repeat(90)}`;

describe('an archive', () => {
  it('is read by tar, long paths included', () => {
    const archive = tarOf([
      { path: 'a.txt', bytes: Buffer.from('one'), mode: 0o644 },
      { path: LONG, bytes: Buffer.alloc(513, 1), mode: 0o755 },
    ]);
    const listed = execFileSync('tar', ['-tvf', '-'], { input: archive, encoding: 'utf8' });
    expect(listed).toContain('-rw-r--r-- 0/0');
    expect(listed).toContain(`513 1970-01-01`);
    expect(listed).toContain(LONG);
  });

  it('is whole blocks, and the same for the same content', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const entries = [{ path: 'x', bytes, mode: 0o644 }];
        const archive = tarOf(entries);
        expect(archive.length % 512).toBe(0);
        expect(archive.equals(tarOf(entries))).toBe(true);
      }),
    );
  });

  it('refuses a path that its format cannot hold', () => {
    expect(() => tarOf([{ path: 'n'.repeat(101), bytes: Buffer.alloc(0), mode: 0 }])).toThrow(
      RangeError,
    );
  });
});
