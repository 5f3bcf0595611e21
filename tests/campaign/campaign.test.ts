import { expect, test } from 'vitest';
import { createSeeded } from '../harness/seeded.ts';
import { runCampaign } from './campaign.ts';
import { percentile } from './figures.ts';
import { FAULT_KINDS, planFaults } from './plan.ts';

const FAULTS = Number(process.env['HOLDFAST_CAMPAIGN_FAULTS'] ?? 40);
const SEED = Number(process.env['HOLDFAST_CAMPAIGN_SEED'] ?? 20_261_121);
const LIMIT_MS = 600_000;

test('a plan depends on its seed alone, and holds every kind of fault', () => {
  const plan = (seed: number) =>
    planFaults({
      faults: 200,
      kinds: FAULT_KINDS,
      kernels: ['one', 'two'],
      random: createSeeded(seed),
    });
  expect(plan(SEED)).toEqual(plan(SEED));
  expect(plan(SEED)).not.toEqual(plan(SEED + 1));
  expect(new Set(plan(SEED).map((fault) => fault.kind))).toEqual(new Set(FAULT_KINDS));
  const together = plan(SEED).filter((fault) => fault.overlaps);
  expect(together.length).toBeGreaterThan(0);
  for (const fault of together) {
    const before = plan(SEED)[fault.index - 1]!;
    expect([fault.kind, before.kind]).not.toContain('disk_full');
    if (fault.victim !== undefined) expect(fault.victim).not.toBe(before.victim);
  }
});

test('percentiles are of the nearest rank', () => {
  const list = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0.5, 0.99, 1].map((share) => percentile(list, share))).toEqual([50, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
});

test(
  `${FAULTS} random faults under load lose no write, refuse nobody and are each recorded once (HOLDFAST_CAMPAIGN_SEED=${SEED})`,
  async () => {
    const result = await runCampaign({ faults: FAULTS, seed: SEED, say: () => {} });
    console.log(result.lines.map((line) => `  ${line}`).join('\n'));
    expect(result.problems).toEqual([]);
    expect(result.struck).toBe(FAULTS);
  },
  LIMIT_MS,
);
