import { createIds, createLogger, systemClock } from '@holdfast/sdk';
import { openStore, type Store } from '@holdfast/store';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PolicyContext } from '../config.ts';
import { policyMigrations } from '../migrations.ts';
import { policyRequest } from '../test-support/policy-world.ts';
import { openDecisionLog } from './decision-log.ts';

const VERDICT = { allowed: true, denials: [], determining: [], errors: [], revision: 1 };

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-decisions-'));
  store = await openStore({ kernel: 'policy_engine', dir, migrations: policyMigrations });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const context = (): PolicyContext =>
  ({
    store,
    clock: systemClock,
    ids: createIds(systemClock),
    log: createLogger('policy_engine', 'error'),
  }) as unknown as PolicyContext;

it('keeps a bounded number of decisions and writes many in one commit', async () => {
  const decisions = await openDecisionLog(context(), 300);
  const before = store.stats().batches;
  for (let at = 0; at < 2_500; at += 1)
    decisions.record(policyRequest({ change: `chg_${at}` }), VERDICT);
  await decisions.settled();
  expect(store.stats().batches - before).toBeLessThanOrEqual(6);
  const [{ n } = { n: 0 }] = await store.read<{ n: number }>(
    'SELECT COUNT(*) AS n FROM policy_decisions',
  );
  expect(n).toBeGreaterThanOrEqual(300);
  expect(n).toBeLessThan(1_500);
  const again = await openDecisionLog(context(), 300);
  again.record(policyRequest({ change: 'last' }), VERDICT);
  const newest: string[] = [];
  for await (const page of again.last(2)) newest.push(...page.map(({ request }) => request.change));
  expect(newest).toEqual(['last', 'chg_2499']);
  expect(decisions.lost()).toBe(0);
});
