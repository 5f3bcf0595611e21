import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlOf, type Yaml } from '../../apps/mk/src/runner/yaml-of.ts';

const scalar = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('yes', 'null', '1e3', '- a', '#', 'a: b', '${x}', '\u2028'),
  fc.integer(),
  fc.boolean(),
);
const { tree } = fc.letrec<{ tree: Yaml }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('a value as YAML', () => {
  it('is read back as what it was', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(parse(yamlOf(value), { merge: false })).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });
});
