import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitForLedger } from './ledger-data.ts';

describe('data for the ledger', () => {
  it('is left as it is when it fits', () => {
    const data = { change: 'c', steps: [1, 2], nothing: null };
    expect(fitForLedger(data)).toEqual(data);
  });

  it('gives up its largest field first, for a digest of it', () => {
    const plan = { steps: Array.from({ length: 2_000 }, (_, i) => `step number ${i}`) };
    const fitted = fitForLedger({ change: 'c', plan }, 2_000);
    const text = JSON.stringify(plan);
    expect(fitted).toEqual({
      change: 'c',
      plan: {
        omitted: true,
        bytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
      },
    });
  });

  it('fits, whatever the fields hold', () => {
    const data = fc.dictionary(fc.string({ maxLength: 20 }), fc.string({ maxLength: 3_000 }), {
      maxKeys: 8,
    });
    fc.assert(
      fc.property(data, (given) => {
        const text = JSON.stringify(fitForLedger(given, 4_000));
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_000);
        expect(Object.keys(JSON.parse(text) as object).length).toBe(Object.keys(given).length);
      }),
    );
  });
});
