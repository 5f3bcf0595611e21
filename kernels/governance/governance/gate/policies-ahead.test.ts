import { HoldfastError, type PolicyRequest, type PolicyVerdict } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { useWorlds } from '../test-support/use-worlds.ts';

const { start } = useWorlds();

interface Question {
  readonly request: PolicyRequest;
  readonly record: boolean;
}

type Operation = (input: never) => unknown;

/** A world whose policies answer as told, in order, the last answer for ever; and whose dry runs may be held up. */
const worldWith = async (
  answers: readonly (() => Partial<PolicyVerdict>)[],
  during: (world: { clock: ReturnType<typeof createFakeClock> }) => unknown = () => {},
) => {
  const clock = createFakeClock();
  const world = await start({ clock });
  const asked: Question[] = [];
  let told = (): void => {};
  const policyOps = world.policy.ops as Record<string, Operation>;
  policyOps['decidePolicies'] = (question: Question) => {
    asked.push(question);
    told();
    const answer = answers[Math.min(asked.length, answers.length) - 1]!();
    return { allowed: true, denials: [], determining: [], errors: [], revision: 1, ...answer };
  };
  const ownerOps = world.fake.ops as Record<string, Operation>;
  const verifyPlan = ownerOps['verifyPlan']!;
  ownerOps['verifyPlan'] = async (input: never) => {
    await during({ clock });
    return verifyPlan(input);
  };
  return {
    ...world,
    clock,
    asked,
    untilAsked: async (count: number): Promise<void> => {
      while (asked.length < count) await new Promise<void>((resolve) => (told = resolve));
    },
  };
};

const allow = () => ({});
const deny = () => ({ allowed: false, denials: ['not today'] });
const away = (): never => {
  throw new HoldfastError('kernel_unavailable', { kernel: 'policy_engine' });
};

describe('policies', () => {
  it('are asked once, while the owner still looks whether the plan would work', async () => {
    let answered = (): void => {};
    const isAnswered = new Promise<void>((resolve) => (answered = resolve));
    const { repair, untilState, untilAsked, asked } = await worldWith([allow], () => isAnswered);
    const { id } = await repair();
    await untilAsked(1);
    answered();
    await untilState(id, 'applying');
    expect(asked).toMatchObject([{ record: true, request: { change: id } }]);
  });

  it('that changed during a long dry run decide as they are after it, and the question is kept once', async () => {
    const world = await worldWith([allow, deny], ({ clock }) => clock.advance(101));
    const { id } = await world.repair();
    const { gate } = await world.untilState(id, 'blocked');
    expect(gate).toMatchObject({ first: 'policy_denied' });
    expect(world.asked.map(({ record }) => record)).toEqual([true, false]);
  });

  it('that could not be asked ahead are asked again, and the question is kept then', async () => {
    const world = await worldWith([away, allow]);
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    expect(world.asked.map(({ record }) => record)).toEqual([true, true]);
  });

  it('decide about the plan that is carried out, whatever they said about one that was dropped', async () => {
    const world = await worldWith([deny, allow]);
    world.fake.knobs.movesAfterPlan = 1;
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    expect(world.asked).toHaveLength(2);
  });
});
