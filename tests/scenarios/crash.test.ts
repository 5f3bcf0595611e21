import { EVENT_TYPES, type Event } from '@holdfast/contracts';
import { createFakeOwner, type FakeOwner } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { workflowEngine } from '../../kernels/execution/workflow_engine/kernel.ts';
import { governance } from '../../kernels/governance/governance/kernel.ts';
import { createChangeWorld, statesOf, type ChangeWorld } from './support/change-world.ts';
import { createCrashPoint, type CrashPoint } from './support/crash-point.ts';

const KERNELS = [governance, workflowEngine];
/** Stacks that die at the same time, each in its own home. */
const AT_ONCE = 4;
const NEVER = Number.MAX_SAFE_INTEGER;

interface Story {
  readonly fake: FakeOwner;
  /** State that the proposed change ends in. */
  readonly end: 'done' | 'reverted';
  readonly changes: number;
}

const success = (): Story => ({ fake: createFakeOwner(), end: 'done', changes: 1 });
const halfWay = (): Story => {
  const fake = createFakeOwner();
  fake.knobs.fails['requests@2.31.0'] = 'after';
  return { fake, end: 'reverted', changes: 2 };
};

/** Waits until everything that was committed has reached the bus. */
const drained = async ({ world }: ChangeWorld): Promise<void> => {
  for (const { id } of KERNELS) {
    for (;;) {
      const { checks } = await world.host(id).health();
      if (checks.some((check) => check.name === 'outbox' && check.detail === '0 waiting')) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
};

/** Proposes a repair in a stack that dies at the point; answers its home and what it published. */
const runUntil = async (point: CrashPoint, fake: FakeOwner) => {
  const stack = await createChangeWorld({ fake, kernels: KERNELS.map(point.wrap) });
  const told = (async () => {
    const { id } = await stack.repair();
    await stack.untilFinished(id);
    await drained(stack);
  })();
  told.catch(() => {});
  await Promise.race([told, point.reached]);
  await stack.world.close({ keep: true });
  return { home: stack.world.home, events: stack.world.events };
};

const uniqueById = (events: readonly Event[]): Event[] => [
  ...new Map(events.map((event) => [event.id, event])).values(),
];

/** No transition is missing, none is there twice, and versions only grow. */
const expectWhole = (events: readonly Event[], id: string, end: string): void => {
  const own = events.filter((event) => event.correlationid === id);
  const states = statesOf(own);
  expect(new Set(states).size, `${states}`).toBe(states.length);
  expect(states[0]).toBe('proposed');
  expect(states.at(-1)).toBe(end);
  const told = own.filter(({ data }) => data['to'] !== undefined);
  const moves = told.map(({ data }) => `${data['from']}>${data['to']}`);
  states.slice(1).forEach((state, i) => expect(moves).toContain(`${states[i]}>${state}`));
};

const crashAndRecover = async (point: CrashPoint, story: Story): Promise<void> => {
  const { fake, end } = story;
  const first = await runUntil(point, fake);
  const second = await createChangeWorld({ fake, home: first.home, before: first.events });
  try {
    const [change] = (await second.api.listChanges({})).items.toReversed();
    // The very first write did not become durable: the proposal was never acknowledged.
    if (!change) return expect(fake.applied).toEqual([]);
    const finished = await second.untilFinished(change.id);
    expect(finished.state).toBe(end);
    await drained(second);
    const events = uniqueById([...first.events, ...second.world.events]);
    expectWhole(events, change.id, end);
    expect((await second.api.listChanges({})).total).toBe(story.changes);
    expect(new Set(fake.applied).size).toBe(fake.applied.length);
    for (const type of [EVENT_TYPES.stepStarted, EVENT_TYPES.stepFinished]) {
      const subjects = events.filter((one) => one.type === type).map((one) => one.subject);
      expect(subjects).toHaveLength(fake.applied.length);
      expect(new Set(subjects).size).toBe(subjects.length);
    }
  } finally {
    await second.world.close();
  }
};

const countWrites = async (story: Story): Promise<number> => {
  const point = createCrashPoint(NEVER, 'after');
  await crashAndRecover(point, story);
  return point.writes();
};

describe('a stack that dies at any durable write', () => {
  it.each([
    ['a repair', 'before', success],
    ['a repair that fails half-way and is undone', 'after', halfWay],
  ] as const)('finishes %s after a restart, dying %s each of them', async (_, when, story) => {
    const writes = await countWrites(story());
    // Birth, plan and decision, hand-over, birth of the run, intent, result, end, report: less would not be all of it.
    expect(writes).toBeGreaterThanOrEqual(8);
    const positions = Array.from({ length: writes }, (_value, i) => i + 1).values();
    const work = async (): Promise<void> => {
      for (const at of positions)
        await crashAndRecover(createCrashPoint(at, when), story()).catch((cause: unknown) => {
          throw new Error(`dying ${when} write ${at} of ${writes}`, { cause });
        });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  });
});
