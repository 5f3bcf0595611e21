import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const load = (name: string) => import(new URL(`./testing/${name}.mjs`, import.meta.url).href);
const { judge } = await load('judge');
const { readResults } = await load('read-results');

const folder = mkdtempSync(join(tmpdir(), 'holdfast-results-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = { passed: 10, failed: [], skipped: [], brokenFiles: [] };
const told = { code: 0, minimum: 10 };

test('a run is good when enough tests pass and none fails', () => {
  expect(judge('unit', good, told)).toEqual({
    ok: true,
    lines: ['unit: 10 tests, 10 passed, 0 failed, 0 skipped'],
  });
});

test.each([
  ['the runner fails', good, { code: 1, minimum: 10 }, 'unit: 10 tests'],
  ['the runner was killed', good, { code: undefined, minimum: 10 }, 'unit: 10 tests'],
  ['a test fails', { ...good, failed: ['a > b'] }, told, 'FAILED 1 tests:\n  a > b'],
  [
    'a file breaks',
    { ...good, brokenFiles: ['a'] },
    told,
    'FAILED 1 files outside of a test:\n  a',
  ],
  ['tests go missing', { ...good, passed: 9 }, told, 'only 9 tests ran, expected at least 10'],
  ['a skip says no reason', { ...good, skipped: ['a > b'] }, told, 'without a reason'],
])('a run is bad when %s', (_why, results, options, line) => {
  const { ok, lines } = judge('unit', results, options);
  expect(ok).toBe(false);
  expect(lines.join('\n')).toContain(line);
});

test('every skipped test is named, and with a reason it is no failure', () => {
  const { ok, lines } = judge('unit', { ...good, skipped: ['a > b (SKIPPED: no server)'] }, told);
  expect(ok).toBe(true);
  expect(lines).toContain('SKIPPED 1 tests:');
  expect(lines).toContain('  a > b (SKIPPED: no server)');
});

test('a report is summed up by what became of each test', () => {
  const file = join(folder, 'report.json');
  const result = (status: string) => ({ status, fullName: `is ${status}` });
  const testResults = [
    {
      name: join(folder, 'a.test.ts'),
      status: 'failed',
      assertionResults: ['passed', 'failed', 'skipped', 'pending', 'todo'].map(result),
    },
    { name: join(folder, 'b.test.ts'), status: 'failed', assertionResults: [] },
    { name: join(folder, 'c.test.ts'), status: 'passed', assertionResults: [result('passed')] },
  ];
  writeFileSync(file, JSON.stringify({ testResults }));
  expect(readResults(folder, file)).toEqual({
    passed: 2,
    failed: ['a.test.ts > is failed'],
    skipped: ['a.test.ts > is skipped', 'a.test.ts > is pending', 'a.test.ts > is todo'],
    brokenFiles: ['b.test.ts'],
  });
});

test('a report that was never written is a failure', () => {
  const results = readResults(folder, join(folder, 'none.json'));
  expect(judge('unit', results, { code: 0, minimum: 0 }).ok).toBe(false);
});
