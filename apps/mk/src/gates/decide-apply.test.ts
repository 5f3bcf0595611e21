import type { PlanItem } from '@holdfast/tuning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_REASONS, type ApplyFacts, type LicenceVerdict } from './apply-facts.ts';
import { decideApply } from './decide-apply.ts';

const AT = '2026-01-02T03:04:05.000Z';
const ITEMS: PlanItem[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'a', name: 'b', patch: {} },
];

const FINE: ApplyFacts = {
  items: ITEMS,
  killSwitch: { on: false, signal: null },
  licence: { ok: true, detail: '', path: 'l', expiresAt: 1, entitlements: ['apply'] },
  verify: { ok: true, detail: '', reportPath: 'v', resourceVersions: {}, worldRevisions: {} },
  limits: [],
};

type LicenceReason = NonNullable<LicenceVerdict['reason']>;

const withLicence = (reason: LicenceReason): Pick<ApplyFacts, 'licence'> => ({
  licence: { ...FINE.licence, ok: false, reason, detail: 'why' },
});

const withVerify = (reason: 'verify_missing' | 'verify_failed'): Pick<ApplyFacts, 'verify'> => ({
  verify: { ...FINE.verify, ok: false, reason, detail: 'why' },
});

const HOLDING: Readonly<Record<(typeof BLOCK_REASONS)[number], Partial<ApplyFacts>>> = {
  kill_switch: { killSwitch: { on: true, signal: 'env:X' } },
  license_missing: withLicence('license_missing'),
  license_invalid: withLicence('license_invalid'),
  license_expired: withLicence('license_expired'),
  binding_mismatch: withLicence('binding_mismatch'),
  entitlement_missing: withLicence('entitlement_missing'),
  verify_missing: withVerify('verify_missing'),
  verify_failed: withVerify('verify_failed'),
};

describe('the gate of an apply', () => {
  it('lets an apply go on against which nothing stands', () => {
    expect(decideApply(FINE, AT)).toBeUndefined();
    expect(decideApply({ ...FINE, items: [] }, AT)).toBeUndefined();
  });

  it.each(BLOCK_REASONS)('reports %s where that alone holds', (reason) => {
    expect(decideApply({ ...FINE, ...HOLDING[reason] }, AT)?.reason).toBe(reason);
  });

  it('reports the first of several in the order of the contract', () => {
    const groups = [['kill_switch'], BLOCK_REASONS.slice(1, 6), BLOCK_REASONS.slice(6)] as const;
    const oneOrNone = (group: readonly (typeof BLOCK_REASONS)[number][]) =>
      fc.option(fc.constantFrom(...group), { nil: undefined });
    fc.assert(
      fc.property(
        fc.tuple(oneOrNone(groups[0]), oneOrNone(groups[1]), oneOrNone(groups[2]), fc.boolean()),
        ([kill, licence, verify, limited]) => {
          const held = [kill, licence, verify].filter((reason) => reason !== undefined);
          const facts = held.reduce((all, reason) => ({ ...all, ...HOLDING[reason] }), FINE);
          const limits = limited ? [{ reason: 'cooldown_active', detail: 'x' } as const] : [];
          const expected = held[0] ?? (limited ? 'cooldown_active' : undefined);
          expect(decideApply({ ...facts, limits }, AT)?.reason).toBe(expected);
        },
      ),
    );
  });

  it.each([
    'invariant_violated',
    'unknown_knob',
    'out_of_range',
    'max_delta_exceeded',
    'budget_exhausted',
  ] as const)('reports the limit %s by its own name', (reason) => {
    expect(decideApply({ ...FINE, limits: [{ reason, detail: 'x' }] }, AT)?.reason).toBe(reason);
  });
});
