import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTarget } from './request-target.ts';

const decodeOrNothing = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

describe('parseTarget', () => {
  it('splits path and query', () => {
    expect(parseTarget('/a/b?c=d?e')).toEqual({ path: '/a/b', search: '?c=d?e' });
    expect(parseTarget('/a')).toEqual({ path: '/a', search: '' });
  });

  it.each([
    ...['', '*', 'a', 'ftp://host/a', 'http://host/a', 'HTTP://host', 'host:80', '?a'],
    ...['/a/../b', '/a/..', '/%2e/b', '/a b', '/a#b', '/a\\b'],
  ])('refuses %j', (target) => {
    expect(parseTarget(target)).toBeUndefined();
  });

  it('lets dots pass that are part of a name, and dot segments of a query', () => {
    expect(parseTarget('/a/..b/c./%2e%2ed')?.path).toBe('/a/..b/c./%2e%2ed');
    expect(parseTarget('/a?b=/../c')?.search).toBe('?b=/../c');
  });

  it('never accepts a path that the URL parser of a kernel reads differently', () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '.', '..', '%2e', '%2E', '%2f', '\\', '#', '?', '%00', ':', '@', ';'),
      fc.string({ minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const target = parseTarget(`/x${pieces.join('')}`);
        if (target === undefined) return;
        const seen = new URL(target.path + target.search, 'http://kernel');
        expect(seen.host).toBe('kernel');
        const segments = (path: string) => path.split('/').map(decodeOrNothing);
        expect(segments(seen.pathname)).toEqual(segments(target.path));
      }),
      { numRuns: 500 },
    );
  });
});
