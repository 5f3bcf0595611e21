import { EVENT_TYPES, type HoldfastError, ISSUE_PLAYBOOKS, ISSUE_TYPES } from '@holdfast/contracts';
import { afterEach, expect, test } from 'vitest';
import type { HealRequest } from './healer.ts';
import { createFakeComponents } from './test-support/fake-components.ts';
import { createHealingWorld, type HealingWorld } from './test-support/healing-world.ts';

const worlds: HealingWorld[] = [];
const open = async (components = createFakeComponents()): Promise<HealingWorld> => {
  const world = await createHealingWorld({ components });
  worlds.push(world);
  return world;
};
afterEach(() => Promise.all(worlds.splice(0).map((one) => one.dispose())));

const asked = (change: Partial<HealRequest> = {}): HealRequest => ({
  id: 'librarian_kernel',
  issue: 'port_not_listening',
  severity: 'medium',
  actor: 'owner',
  ...change,
});

test('runs the playbooks of every issue in their order and stops at the first remedy that helped', async () => {
  const { healer, components } = await open();
  for (const issue of ISSUE_TYPES) {
    components.set('librarian_kernel', { status: 'unhealthy', reason: 'no answer' });
    const { record } = await healer.heal(asked({ issue }));
    const chain = ISSUE_PLAYBOOKS[issue];
    const remedy = chain.findIndex((id) => id !== 'diagnose_network');
    const ran = remedy === -1 ? chain : chain.slice(0, remedy + 1);
    expect(record.result.playbooks_executed).toEqual(ran);
    expect(record.success).toBe(remedy !== -1);
  }
});

test('looking repairs nothing, changes nothing, and says so', async () => {
  const { healer, components, book, journal } = await open();
  components.set('librarian_kernel', { status: 'failed', reason: 'gone', pid: undefined });
  const { record } = await healer.heal(asked({ action: 'diagnose_network' }));
  expect(record).toMatchObject({
    success: false,
    error: expect.stringContaining('only looked at'),
  });
  expect(record.result.results).toMatchObject([
    {
      success: true,
      details: { diagnostics: { port_listening: { listening: false, status: 'not_listening' } } },
    },
  ]);
  expect(components.calls).toEqual([]);
  expect(book.list({ limit: 1 }).total).toBe(0);
  expect(journal.state.totals).toMatchObject({ healings: 1, successful: 0 });
});

test('a restart that is said to have worked is not believed while the kernel does not answer', async () => {
  const components = createFakeComponents();
  const { healer } = await open({ ...components, restart: async () => 4_711 });
  components.set('librarian_kernel', { status: 'unhealthy', reason: 'no answer' });
  const { record } = await healer.heal(asked({ issue: 'process_crashed' }));
  expect(record.success).toBe(false);
  expect(record.error).toBe(
    'restart_component: librarian_kernel does not answer after it: no answer',
  );
});

test('a heal that failed is an answer, a record, and a note in the incident', async () => {
  const { healer, components, book, journal } = await open();
  components.refuseRestart('librarian_kernel', 'its entry is broken');
  components.set('librarian_kernel', { status: 'failed', reason: 'gone' });
  const { record } = await healer.heal(asked());
  expect(record).toMatchObject({
    success: false,
    trigger: 'requested',
    actor: 'owner',
    error: 'restart_component: its entry is broken',
  });
  expect(book.current('librarian_kernel')).toMatchObject({ status: 'detected', resolved_at: null });
  expect(journal.state.totals).toMatchObject({ healings: 1, successful: 0, incidents: 1 });
});

test('a heal of a healthy kernel restarts just that and opens no incident', async () => {
  const world = await open();
  const { record, port } = await world.healer.heal(asked());
  expect(record.success).toBe(true);
  expect(port).toBe(8130);
  expect(world.components.calls).toEqual(['restart librarian_kernel']);
  expect(world.book.list({ limit: 1 }).total).toBe(0);
  expect(world.events().map((one) => [one.type, one.actor])).toEqual([
    [EVENT_TYPES.restartInitiated, 'owner'],
    [EVENT_TYPES.restartSucceeded, 'owner'],
    [EVENT_TYPES.healingFinished, 'owner'],
  ]);
});

test('a requested heal ends the outage that the guardian had noticed, once and by its playbook', async () => {
  let watch: HealingWorld['watch'] | undefined;
  const components = createFakeComponents({
    gate: async () => watch?.recovered('librarian_kernel', 5),
  });
  const world = await open(components);
  watch = world.watch;
  components.set('librarian_kernel', { status: 'restarting', reason: 'gone' });
  world.watch.down('librarian_kernel', { mode: 'process_crashed', why: 'gone' });
  world.watch.attempt('librarian_kernel', 1);
  await world.healer.heal(asked({ issue: 'connection_timeout' }));
  expect(world.book.list({ limit: 9 }).incidents).toMatchObject([
    { status: 'resolved', playbook_id: 'clear_port', failure_mode: 'process_crashed' },
  ]);
  expect(world.journal.state.totals).toMatchObject({ healings: 1, automatic: 0, incidents: 1 });
});

test('a recovery during a heal that only looks is the work of the guardian', async () => {
  const world = await open();
  world.components.set('librarian_kernel', { status: 'restarting', reason: 'gone' });
  world.watch.down('librarian_kernel', { mode: 'process_crashed', why: 'gone' });
  world.watch.attempt('librarian_kernel', 1);
  const healing = world.healer.heal(asked({ action: 'diagnose_network' }));
  world.watch.recovered('librarian_kernel', 5);
  expect(world.book.current('librarian_kernel')).toBeDefined();
  await healing;
  expect(world.book.list({ limit: 9 }).incidents).toMatchObject([{ status: 'resolved' }]);
  expect(world.journal.state.totals).toMatchObject({ healings: 2, automatic: 1, successful: 1 });
});

test('a second heal of one kernel is refused while the first runs; another kernel is not', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const components = createFakeComponents({ gate: () => gate });
  const { healer } = await open(components);
  const first = healer.heal(asked());
  const other = healer.heal(asked({ id: 'scheduler' }));
  expect([...healer.active().keys()]).toEqual(['librarian_kernel', 'scheduler']);
  const refused: HoldfastError = await healer.heal(asked()).catch((error) => error);
  expect(refused.code).toBe('healing_in_progress');
  expect(refused.details).toMatchObject({ component: 'librarian_kernel' });
  release();
  await Promise.all([first, other]);
  expect(healer.active().size).toBe(0);
});

test('refuses a kernel that this stack is not to run', async () => {
  const { healer } = await open(createFakeComponents({ kernels: ['message_bus'] }));
  const refused: HoldfastError = await healer.heal(asked()).catch((error) => error);
  expect(refused.code).toBe('component_not_started');
  expect(refused.details).toMatchObject({ reason: 'this build does not ship it' });
});

test('moves a kernel to a free port of its tier that belongs to nobody, and tells of it', async () => {
  const components = createFakeComponents();
  const world = await open(components);
  components.loseSocket('librarian_kernel', undefined);
  components.takenPorts.add(8135);
  const { record, port } = await world.healer.heal(asked({ action: 'rebind_port' }));
  expect(record.success).toBe(true);
  expect(port).toBe(8136);
  expect(record.port).toBe(8130);
  expect(record.result.results[0]?.details).toMatchObject({ old_port: 8130, new_port: 8136 });
  expect(world.events().filter((one) => one.type === EVENT_TYPES.kernelMoved)).toMatchObject([
    { subject: 'librarian_kernel', data: { old_port: 8130, new_port: 8136 } },
  ]);
});

test('says when no port of the tier is left', async () => {
  const components = createFakeComponents();
  const { healer } = await open(components);
  for (const port of [8135, 8136, 8137, 8138, 8139]) components.takenPorts.add(port);
  const { record } = await healer.heal(asked({ action: 'rebind_port' }));
  expect(record.error).toBe(
    'rebind_port: no port from 8130 to 8139 is free and belongs to no other kernel',
  );
  expect(components.portOf('librarian_kernel')).toBe(8130);
});
