import type { PackageOperation } from '@holdfast/contracts';

type Versions = Readonly<Record<string, string>>;

/** What the top of node_modules must be after a step: the operations applied to what is there. */
export const expectedTree = (
  present: Versions,
  operations: readonly PackageOperation[],
): Record<string, string> => {
  const expected = { ...present };
  for (const { package: name, to } of operations) {
    if (to === null) delete expected[name];
    else expected[name] = to;
  }
  return expected;
};

/** Where two trees differ, in words: `b is 1.1.0, expected 2.0.0`; empty when they do not. */
export const describeDifference = (expected: Versions, got: Versions): string => {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(got)])].sort();
  return names
    .filter((name) => expected[name] !== got[name])
    .map((name) => `${name} is ${got[name] ?? 'absent'}, expected ${expected[name] ?? 'absent'}`)
    .join('; ');
};
