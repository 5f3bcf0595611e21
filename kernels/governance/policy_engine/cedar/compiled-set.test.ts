import type { PolicyRequest } from '@holdfast/contracts';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { arbitraryPolicyText, arbitraryRequest } from '../test-support/arbitrary-policies.ts';
import { needsReference, openSet, type CompiledSet, type Judgement } from './compiled-set.ts';
import { loadCedar, type Cedar } from './load-cedar.ts';
import { parseFiles } from './parse-files.ts';
import { createReference, type Reference } from './reference.ts';

let cedar: Cedar;
let reference: Reference;
beforeAll(async () => {
  cedar = await loadCedar();
  reference = createReference(cedar);
});

const open = async (text: string): Promise<CompiledSet> => {
  const files = [{ name: 'test.cedar', text }];
  const { statements, problems } = await parseFiles(cedar, files);
  expect(problems).toEqual([]);
  return openSet(files, statements, reference);
};

/** What counts of a judgement: permits only where nothing forbids, errors by the statement that they are about. */
const essence = ({ permits, forbids, errors }: Judgement) => ({
  permits: forbids.length > 0 ? [] : permits.toSorted(),
  forbids: forbids.toSorted(),
  errors: errors.map((text) => text.split(':')[0]).toSorted(),
});

describe('deciding with the index and without the evaluator', () => {
  it('says what the reference evaluator says about all statements at once', async () => {
    const seen = { allowed: 0, forbidden: 0, failed: 0, own: 0, left: 0 };
    await fc.assert(
      fc.asyncProperty(
        arbitraryPolicyText(25),
        fc.array(arbitraryRequest, { minLength: 4, maxLength: 8 }),
        async (text, requests) => {
          const set = await open(text);
          for (const statement of set.statements) {
            if (needsReference(statement)) seen.left += 1;
            else seen.own += 1;
          }
          for (const request of requests) {
            const expected = essence(set.judgeByReference(request));
            expect(essence(set.judge(request))).toEqual(expected);
            if (expected.forbids.length > 0) seen.forbidden += 1;
            else if (expected.permits.length > 0) seen.allowed += 1;
            if (expected.errors.length > 0) seen.failed += 1;
          }
        },
      ),
      { numRuns: 120 },
    );
    // A generator that only ever meets one outcome would show nothing.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
  });
});

describe('a set', () => {
  const request = (more: Partial<PolicyRequest> = {}): PolicyRequest => ({
    change: 'chg_1',
    kind: 'packages.update',
    owner: 'infrastructure_manager',
    class: 'standard',
    target: { host: 'box' },
    risk: 'medium',
    undo: false,
    automatic: false,
    steps: [],
    author: { id: 'ann', kind: 'human', role: 'operator' },
    host: null,
    at: '2026-03-02T09:30:00.000Z',
    ...more,
  });

  it('permits nothing by itself', async () => {
    expect((await open('')).judge(request())).toMatchObject({
      permits: [],
      forbids: [],
      errors: [],
    });
  });

  it('knows a role by those above it, and groups of kinds', async () => {
    const set = await open(
      `permit (principal in Role::"operator", action in Action::"packages", resource);`,
    );
    const permits = (more: Partial<PolicyRequest>) => set.judge(request(more)).permits.length;
    expect(permits({ author: { id: 'a', kind: 'human', role: 'owner' } })).toBe(1);
    expect(permits({ author: { id: 'a', kind: 'human', role: 'viewer' } })).toBe(0);
    expect(permits({ author: { id: 'a', kind: 'kernel', role: 'kernel' } })).toBe(0);
    expect(permits({ kind: 'config' })).toBe(0);
  });

  it('tells the time in UTC', async () => {
    const set = await open(
      `permit (principal, action, resource) when { context.hour == 9 && context.minute == 30 && context.weekday == "monday" && context.time == datetime("2026-03-02T09:30:00Z") };`,
    );
    expect(set.judge(request()).permits).toEqual(['test.cedar#1']);
  });

  it('rounds load up, so that a whole limit means the same', async () => {
    const set = await open(
      `forbid (principal, action == Action::"host.report", resource) when { resource has cpu_percent && resource.cpu_percent > 90 };`,
    );
    const over = (cpu_percent: number | null) =>
      set.violations({
        id: 'b',
        os_type: 'linux',
        cpu_percent,
        memory_percent: 1,
        capabilities: [],
      }).length;
    expect([89.9, 90, 90.01, 91, null].map(over)).toEqual([0, 0, 1, 1, 0]);
  });
});
