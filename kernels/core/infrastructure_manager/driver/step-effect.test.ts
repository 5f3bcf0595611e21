import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeclaredEntry } from '../baseline/stored-baseline.ts';
import { effectOf } from './step-effect.ts';

const entry = (name: string, expected: string): DeclaredEntry => ({
  manager: 'pip',
  environment: '/v',
  package: name,
  expected,
  source: 'requirements.txt',
});
const operation = (name: string, from: string | null, to: string | null, requested = true) => ({
  package: name,
  from,
  to,
  requested,
});

test.each([
  [null, '1.0', 'install', false],
  ['1.0', null, 'remove', false],
  ['1.0', '1.1', 'upgrade', false],
  ['1.9', '1.10', 'upgrade', false],
  ['2.0', '1.0', 'downgrade', true],
  ['1.0rc1', '1.0', 'upgrade', false],
  ['1!1.0', '2!1.0', 'upgrade', true],
  ['1.0', '1.0.0', 'other', false],
  ['1.0', 'weird', 'other', true],
] as const)('from %s to %s is %s, major %s', (from, to, movement, major) => {
  expect(effectOf([operation('a', from, to)], 'pip', [], true)).toMatchObject({ movement, major });
});

test('the worst movement of a step is its movement', () => {
  const operations = [
    operation('a', null, '1'),
    operation('b', '2', '1'),
    operation('c', '1', '2'),
  ];
  expect(effectOf(operations, 'pip', [], true)).toMatchObject({
    movement: 'downgrade',
    targets: 3,
  });
});

test('a package that is declared twice has to meet both', () => {
  const entries = [entry('a', '>=1'), entry('a', '<2')];
  const toward = (to: string) =>
    effectOf([operation('a', null, to)], 'pip', entries, true).toward_baseline;
  expect([toward('1.5'), toward('2.0')]).toEqual([true, false]);
});

test('no version that a baseline does not allow is ever called a move towards it', () => {
  const version = fc
    .tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 }))
    .map(([major, minor]) => `${major}.${minor}`);
  fc.assert(
    fc.property(version, version, fc.boolean(), fc.boolean(), (pin, to, requested, repair) => {
      const effect = effectOf(
        [operation('A', null, to, requested)],
        'pip',
        [entry('a', `==${pin}`)],
        repair,
      );
      expect(effect.toward_baseline).toBe(to === pin);
    }),
  );
});
