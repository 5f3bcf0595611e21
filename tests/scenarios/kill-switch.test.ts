import { EVENT_TYPES, isHoldfastError } from '@holdfast/contracts';
import { createFakeOwner } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createChangeWorld, statesOf, type ChangeWorld } from './support/change-world.ts';

let open: ChangeWorld | undefined;
const start = async (...options: Parameters<typeof createChangeWorld>): Promise<ChangeWorld> => {
  open = await createChangeWorld(...options);
  return open;
};
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

describe('the kill switch', () => {
  it('blocks a proposal at once, plans nothing for it, and records the refusal', async () => {
    const { api, repair, published, fake } = await start();
    await api.freeze({ reason: 'audit' });
    const change = await repair();
    expect(change).toMatchObject({ state: 'blocked', plan: null, gate: { first: 'kill_switch' } });
    expect(change.reasons).toMatchObject([{ code: 'kill_switch' }]);
    expect(change.reasons[0]?.detail).toContain('turned on by ann: audit');
    expect(fake.asked).toEqual([]);
    const events = await published(change.id);
    expect(statesOf(events)).toEqual(['proposed', 'blocked']);
    expect(events.map((event) => event.type)).toContain(EVENT_TYPES.changeDecided);
  });

  it('can be set by the environment, and then no call turns it off', async () => {
    const { api, repair } = await start({ killSwitch: true });
    expect(await api.getFreeze({})).toMatchObject({ on: true, source: 'environment' });
    expect((await repair()).state).toBe('blocked');
    const refusal = await api.unfreeze({}).catch((error: unknown) => error);
    expect(isHoldfastError(refusal, 'kill_switch')).toBe(true);
    expect((await repair()).state).toBe('blocked');
  });

  it('stays on over a restart until it is turned off, in two events', async () => {
    const first = await start();
    await first.api.freeze({ reason: '' });
    await first.api.freeze({ reason: 'again' });
    await first.world.waitForEvent((event) => event.type === EVENT_TYPES.killSwitchOn);
    await first.world.close({ keep: true });
    const { api, repair, untilFinished, world } = await start({ home: first.world.home });
    expect((await repair()).state).toBe('blocked');
    expect(await api.unfreeze({})).toMatchObject({ on: false, source: 'none' });
    await world.waitForEvent((event) => event.type === EVENT_TYPES.killSwitchOff);
    expect((await untilFinished((await repair()).id)).state).toBe('done');
    const all = [...first.world.events, ...world.events].map((event) => event.type);
    expect(all.filter((type) => type === EVENT_TYPES.killSwitchOn)).toHaveLength(1);
  });

  it('turned on while a step runs lets no further step start, not even of the undo', async () => {
    const fake = createFakeOwner();
    const { api, repair, until, untilFinished } = await start({ fake });
    const before = fake.installed;
    fake.knobs.onApply = async () => {
      fake.knobs.onApply = undefined;
      await api.freeze({ reason: 'stop' });
    };
    const { id } = await repair();
    const held = await until(id, (change) =>
      change.reasons.some((reason) => reason.detail.includes('the undo waits')),
    );
    expect(held.state).toBe('reverting');
    expect(held.steps.map((step) => step.state)).toEqual(['succeeded', 'pending']);
    expect(fake.applied).toEqual([`${id}/pip-flask`]);
    await api.unfreeze({});
    expect((await untilFinished(id)).state).toBe('reverted');
    expect(fake.installed).toEqual(before);
  });

  it('turned on between the dry run and the gate blocks the change there', async () => {
    const fake = createFakeOwner();
    const verify = fake.ops['verifyPlan']!;
    const verifyPlan = async (input: never): Promise<unknown> => {
      await api.freeze({ reason: 'late' });
      return verify(input);
    };
    const { api, repair, untilFinished } = await start({
      fake: { ...fake, ops: { ...fake.ops, verifyPlan } },
    });
    const change = await untilFinished((await repair()).id);
    expect(change).toMatchObject({ state: 'blocked', gate: { first: 'kill_switch' } });
    expect(fake.applied).toEqual([]);
  });
});
