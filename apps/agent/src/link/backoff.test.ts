import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBackoff } from './backoff.ts';

test('waiting times grow from 200 ms to 15 s, spread over half of their span, and start over after a reset', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
      (chances) => {
        const rest = [...chances];
        const backoff = createBackoff(() => rest.shift() ?? 0.5);
        for (const [index] of chances.entries()) {
          const span = Math.min(200 * 2 ** index, 15_000);
          const ms = backoff.next();
          expect(ms).toBeGreaterThanOrEqual(span / 2);
          expect(ms).toBeLessThanOrEqual(span);
        }
        backoff.reset();
        expect(backoff.next()).toBeLessThanOrEqual(200);
      },
    ),
  );
});
