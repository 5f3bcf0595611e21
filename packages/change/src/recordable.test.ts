import { findUnrecordable } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('what the contracts let on record has a canonical form for the ledger', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 20, stringUnit: 'binary' }), (value) => {
      if (findUnrecordable(value) !== undefined) return;
      expect(() => canonicalize(value)).not.toThrow();
    }),
  );
});
