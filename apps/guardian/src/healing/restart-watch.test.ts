import { readFile, truncate, writeFile } from 'node:fs/promises';
import { EVENT_TYPES, incidentSchema, healingRecordSchema } from '@holdfast/contracts';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { createTimepiece } from '../journal/timepiece.ts';
import { createHealingWorld, type HealingWorld } from './test-support/healing-world.ts';

const worlds: HealingWorld[] = [];
const open = async (options: Parameters<typeof createHealingWorld>[0] = {}) => {
  const world = await createHealingWorld(options);
  worlds.push(world);
  return world;
};
afterEach(() => Promise.all(worlds.splice(0).map((one) => one.dispose())));

const crash = { mode: 'process_crashed', why: 'ended by SIGKILL', pid: 1 } as const;
const typesOf = (world: HealingWorld) => world.events().map((one) => one.type);

test('an outage that a restart ended is one incident and one automatic healing', async () => {
  const { watch, book, journal, ...world } = await open();
  watch.down('librarian_kernel', crash);
  watch.attempt('librarian_kernel', 1);
  watch.recovered('librarian_kernel', 2);
  watch.recovered('librarian_kernel', 2);
  await journal.flush();
  const { total, incidents } = book.list({ limit: 10 });
  const incident = incidentSchema.parse(incidents[0]);
  expect(total).toBe(1);
  expect(incident).toMatchObject({
    component: 'librarian_kernel',
    port: 8130,
    status: 'resolved',
    severity: 'medium',
    playbook_id: 'restart_component',
    playbook_name: 'RestartComponentPlaybook',
    attempts: 1,
    success: true,
    metadata: { pid: 1, new_pid: 2 },
  });
  expect(incident.incident_id).toMatch(/^inc_\d{8}_\d{6}_\d{6}$/);
  const elapsed = Date.parse(incident.resolved_at!) - Date.parse(incident.detected_at);
  expect(elapsed).toBeGreaterThan(0);
  expect(incident.mttr_seconds).toBe(elapsed / 1_000);
  const { found } = journal.state.healings.find(() => true, 10);
  expect(healingRecordSchema.parse(found[0])).toMatchObject({
    trigger: 'automatic',
    success: true,
    duration_seconds: incident.mttr_seconds,
    result: { playbooks_executed: ['restart_component'], overall_success: true },
  });
  expect(found).toHaveLength(1);
  expect(typesOf({ watch, book, journal, ...world })).toEqual([
    EVENT_TYPES.incident,
    EVENT_TYPES.restartInitiated,
    EVENT_TYPES.restartSucceeded,
    EVENT_TYPES.healingFinished,
    EVENT_TYPES.incident,
  ]);
});

test('at the limit the incident is escalated once and the failed healing is on record; it may still be resolved', async () => {
  const world = await open();
  const { watch, book, journal } = world;
  watch.down('message_bus', crash);
  for (const n of [1, 2, 3]) watch.attempt('message_bus', n);
  watch.limitReached('message_bus', 'its entry is broken');
  watch.attempt('message_bus', 4);
  watch.limitReached('message_bus', 'its entry is broken');
  expect(book.current('message_bus')).toMatchObject({
    status: 'failed',
    severity: 'critical',
    escalated: true,
    attempts: 4,
    error: 'its entry is broken',
  });
  watch.attempt('message_bus', 5);
  watch.recovered('message_bus', 9);
  await journal.flush();
  expect(book.list({ limit: 10 }).incidents).toMatchObject([
    { status: 'resolved', escalated: true },
  ]);
  expect(journal.state.totals).toMatchObject({
    healings: 1,
    successful: 0,
    incidents: 1,
    escalated: 1,
    mttr: { count: 1 },
  });
  const types = typesOf(world);
  const count = (type: string): number => types.filter((one) => one === type).length;
  expect(count(EVENT_TYPES.incident)).toBe(3);
  expect(count(EVENT_TYPES.restartInitiated)).toBe(5);
  expect(count(EVENT_TYPES.restartFailed)).toBe(4);
  expect(count(EVENT_TYPES.restartLimitReached)).toBe(1);
  expect(count(EVENT_TYPES.criticalKernelDown)).toBe(1);
  expect(count(EVENT_TYPES.restartSucceeded)).toBe(1);
});

test('a process that answers again by itself is no healing', async () => {
  const { watch, book, journal } = await open();
  watch.down('scheduler', { mode: 'connection_timeout', why: 'no answer', pid: 5 });
  watch.recovered('scheduler', 5);
  expect(book.list({ limit: 1 }).incidents).toMatchObject([
    { status: 'resolved', playbook_id: null },
  ]);
  expect(journal.state.totals).toMatchObject({ healings: 0, incidents: 1, mttr: { count: 1 } });
});

test('the time to repair is true whatever the clock of the wall does', async () => {
  let wall = Date.parse('2026-06-01T12:00:00Z');
  let steady = 1_000;
  const { watch, book } = await open({
    timepiece: createTimepiece(
      () => wall,
      () => steady,
      'boot',
    ),
  });
  watch.down('scheduler', crash);
  wall -= 3_600_000;
  steady += 250;
  watch.attempt('scheduler', 1);
  watch.recovered('scheduler', 2);
  watch.down('state_machine', crash);
  watch.attempt('state_machine', 1);
  watch.recovered('state_machine', 2);
  expect(book.list({ limit: 2 }).incidents.map((one) => one.mttr_seconds)).toEqual([0.25, 0.001]);
});

test('an outage that outlived its guardian is told by the clock that both share', async () => {
  let steady = 5_000;
  const timepiece = createTimepiece(Date.now, () => steady, 'boot');
  const first = await open({ timepiece });
  first.watch.down('scheduler', crash);
  first.watch.down('agent', crash);
  first.watch.down('gateway-2', crash);
  await first.journal.flush();
  steady += 1_500;
  const second = await open({ timepiece, home: first.home });
  const known = (name: string): boolean => name !== 'gateway-2';
  second.watch.reconcile((name) => (name === 'scheduler' ? 77 : undefined), known);
  expect(second.book.openComponents()).toEqual(['agent']);
  expect(second.book.list({ component: 'scheduler', limit: 1 }).incidents).toMatchObject([
    { status: 'resolved', mttr_seconds: 1.5, playbook_id: 'restart_component' },
  ]);
  expect(second.book.list({ component: 'gateway-2', limit: 1 }).incidents).toMatchObject([
    { status: 'failed', mttr_seconds: null, error: 'it is no longer part of this stack' },
  ]);
  second.watch.stopped();
  expect(second.book.openComponents()).toEqual([]);
  expect(second.journal.state.totals.mttr.count).toBe(1);
});

const NAMES = ['message_bus', 'librarian_kernel', 'gateway', 'agent'] as const;
type Step =
  | { readonly do: 'fall' | 'try' | 'rise' | 'limit'; readonly name: (typeof NAMES)[number] }
  | { readonly do: 'kill'; readonly cut: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom('fall', 'try', 'rise', 'limit'),
      name: fc.constantFrom(...NAMES),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), cut: fc.nat(10_000) }) },
);

/** Recounts from the records what the totals say. */
const checkTotals = ({ journal, book }: HealingWorld): void => {
  const { incidents, total } = book.list({ limit: 1_000 });
  const resolved = incidents.filter((one) => one.status === 'resolved');
  const healings = journal.state.healings.find(() => true, 1_000).found;
  expect(new Set(incidents.map((one) => one.incident_id)).size).toBe(total);
  for (const one of incidents) {
    if (one.resolved_at !== null) expect(one.detected_at < one.resolved_at).toBe(true);
  }
  const { totals } = journal.state;
  expect(totals.incidents).toBe(total);
  expect(totals.mttr.count).toBe(resolved.length);
  expect(totals.escalated).toBe(incidents.filter((one) => one.escalated).length);
  expect(totals.healings).toBe(healings.length);
  expect(totals.successful).toBe(healings.filter((one) => one.success).length);
  const told = healings.map((one) => one.result.results[0]?.details.incident_id);
  expect(new Set(told).size).toBe(healings.length);
};

test('each outage is one incident and at most one healing, however the guardian dies in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      let wall = Date.parse('2026-01-01T00:00:00Z');
      let steady = 0;
      const timepiece = createTimepiece(
        () => wall,
        () => steady,
        'boot',
      );
      let world = await createHealingWorld({ timepiece });
      const down = new Map<string, { tries: number; limit: boolean }>();
      let outages = 0;
      let pid = 100;
      for (const one of steps) {
        steady += 7;
        wall += one.do === 'limit' ? -86_400_000 : 7;
        if (one.do === 'kill') {
          await world.journal.flush();
          const text = await readFile(world.path).catch(() => Buffer.alloc(0));
          await world.journal.close();
          const lastLine = text.subarray(0, -1).lastIndexOf(0x0a) + 1;
          const torn = text.length - lastLine;
          if (text.length > 0) {
            await writeFile(world.path, text);
            await truncate(world.path, lastLine + (one.cut % (torn + 1)));
          }
          world = await createHealingWorld({ timepiece, home: world.home });
          // What the next guardian finds: those that are down, and those that answer.
          for (const name of NAMES) {
            if (down.has(name)) world.watch.down(name, { ...crash, pid });
            else world.watch.recovered(name, (pid += 1));
          }
          continue;
        }
        const state = down.get(one.name);
        if (one.do === 'fall' && state === undefined) {
          down.set(one.name, { tries: 0, limit: false });
          outages += 1;
          world.watch.down(one.name, { ...crash, pid });
        }
        if (state === undefined) continue;
        if (one.do === 'try') world.watch.attempt(one.name, (state.tries += 1));
        if (one.do === 'limit') world.watch.limitReached(one.name, 'too often');
        if (one.do === 'rise') {
          down.delete(one.name);
          world.watch.recovered(one.name, (pid += 1));
        }
      }
      try {
        expect(new Set(world.book.openComponents())).toEqual(new Set(down.keys()));
        expect(world.book.openComponents()).toHaveLength(down.size);
        expect(world.journal.state.totals.incidents).toBe(outages);
        checkTotals(world);
        const again = await world.reopen();
        expect([...again.journal.state.lines()]).toEqual([...world.journal.state.lines()]);
        await again.journal.close();
      } finally {
        await world.dispose();
      }
    }),
    { numRuns: 60 },
  );
});

test('a journal cut at any byte tells of a time before, and of nothing twice', async () => {
  const world = await open();
  for (let n = 1; n <= 6; n += 1) {
    world.watch.down('scheduler', { ...crash, pid: n });
    world.watch.attempt('scheduler', 1);
    if (n % 3 === 0) world.watch.limitReached('scheduler', 'too often');
    world.watch.recovered('scheduler', n + 1);
    await world.journal.flush();
  }
  const whole = await readFile(world.path);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (cut) => {
      await writeFile(world.path, whole.subarray(0, cut));
      const earlier = await createHealingWorld({ home: world.home });
      checkTotals(earlier);
      earlier.watch.recovered('scheduler', 99);
      expect(earlier.book.openComponents()).toEqual([]);
      checkTotals(earlier);
      await earlier.journal.close();
    }),
    { numRuns: 100 },
  );
});
