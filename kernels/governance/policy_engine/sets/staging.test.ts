import { createFakeClock } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createPolicyWorld,
  file,
  OWNER_MAY,
  refusal,
  type PolicyWorld,
} from '../test-support/policy-world.ts';
import { DRAFTS_AN_HOUR, KEPT_DRAFTS } from './staging.ts';

const HOUR_MS = 3_600_000;
const clock = createFakeClock(Date.parse('2026-03-02T09:30:00.000Z'));

let open: PolicyWorld | undefined;
const start = async (): Promise<PolicyWorld> =>
  (open = await createPolicyWorld({ shipped: [file(OWNER_MAY)], clock }));
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

const draft = (at: string) => ({ files: [file(`${OWNER_MAY} // draft ${at}`)] });
const person = (id: string) => ({ id, kind: 'human', role: 'operator' }) as const;

describe('drafts of policies', () => {
  it('are taken from one principal so many in an hour, those staged before again', async () => {
    const { as } = await start();
    const ann = as(person('ann'));
    const drafts = Array.from({ length: DRAFTS_AN_HOUR + 5 }, (_, at) => draft(`${at}`));
    const codes = await Promise.all(drafts.map((one) => refusal(ann.stagePolicies(one))));
    expect(codes.filter((code) => code === 'not refused')).toHaveLength(DRAFTS_AN_HOUR);
    expect(new Set(codes.slice(DRAFTS_AN_HOUR))).toEqual(new Set(['policy_draft_limit']));
    expect(await refusal(ann.stagePolicies(drafts[0]!))).toBe('not refused');
    expect(await refusal(as(person('bob')).stagePolicies(draft('x')))).toBe('not refused');
    await clock.advance(HOUR_MS + 1);
    expect(await refusal(ann.stagePolicies(draft('x')))).toBe('not refused');
  });

  it('go when there are too many, the oldest first; what was in force stays', async () => {
    const world = await start();
    await world.putIntoForce('chg_a', file(`${OWNER_MAY} // applied`));
    const checksums: string[] = [];
    for (let at = 0; at < KEPT_DRAFTS + 2; at += 1) {
      await clock.advance(1_000);
      const staged = await world.as(person(`p${at % 10}`)).stagePolicies(draft(`${at}`));
      checksums.push(staged.checksum);
    }
    const planned = (checksum: string) => refusal(world.plan('chg_b', { draft: checksum }));
    expect(await planned(checksums[1]!)).toBe('policy_draft_not_found');
    expect(await planned(checksums[2]!)).toBe('not refused');
    expect(await planned(checksums.at(-1)!)).toBe('not refused');
    for (const revision of [1, 2])
      expect((await world.api.getPolicyFiles({ revision })).revision).toBe(revision);
  });
});
