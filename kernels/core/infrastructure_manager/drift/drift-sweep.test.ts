import { driftFingerprint } from '@holdfast/versions';
import { expect, test } from 'vitest';
import { pipInventory } from '../test-support/scripted-agent.ts';
import { createDriftSweep } from './drift-sweep.ts';

const entry = (name: string, expected: string) => ({
  manager: 'pip' as const,
  environment: '/v',
  package: name,
  expected,
});

test('each host is compared with its own baseline, and equal drift has an equal fingerprint', () => {
  const sweep = createDriftSweep();
  const entries = [entry('a', '==1'), entry('b', '==2')];
  const hosts = [
    { host: 'fine', digest: 'x', entries, inventories: [pipInventory('/v', { a: '1', b: '2.0' })] },
    { host: 'one', digest: 'x', entries, inventories: [pipInventory('/v', { a: '1' })] },
    { host: 'two', digest: 'x', entries, inventories: [pipInventory('/v', { a: '1.0' })] },
    {
      host: 'other',
      digest: 'y',
      entries: [entry('a', '>=2')],
      inventories: [pipInventory('/v', { a: '1' })],
    },
    { host: 'unread', digest: 'x', entries, inventories: [] },
  ];
  const swept = sweep(hosts);
  expect(swept.map(({ host, report }) => [host, report.status, report.entries.length])).toEqual([
    ['fine', 'in_sync', 0],
    ['one', 'drift', 1],
    ['two', 'drift', 1],
    ['other', 'drift', 1],
    ['unread', 'unknown', 0],
  ]);
  expect(swept[0]?.fingerprint).toBe('');
  expect(swept[1]?.fingerprint).toBe(swept[2]?.fingerprint);
  expect(swept[1]?.fingerprint).toBe(driftFingerprint(swept[1]!.report.entries));
  expect(sweep(hosts)).toEqual(swept);
});
