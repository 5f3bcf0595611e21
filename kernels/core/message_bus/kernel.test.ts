import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  HoldfastError,
  busApi,
  kernelPrincipal,
  type Event,
  type Priority,
} from '@holdfast/contracts';
import { createWorld, owner, type World } from '@holdfast/testkit';
import { afterEach, expect, test } from 'vitest';
import { messageBus } from './kernel.ts';

const insider = kernelPrincipal('tester');

const makeEvent = (
  id: string,
  priority: Priority = 'normal',
  data: Record<string, unknown> = {},
): Event => ({
  specversion: '1.0',
  id,
  source: '/tests',
  type: `test.${priority}`,
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  priority,
  actor: 'tester',
  data,
});

let world: World;
const ledgerCopy: Event[] = [];
let ledgerUp = true;
const ledgerDouble = {
  appendEntries: ({ events }: { events: Event[] }) => {
    if (!ledgerUp) throw new HoldfastError('kernel_unavailable', { kernel: 'immutable_log' });
    if (events.some((event) => event.type === 'test.poison'))
      throw new HoldfastError('invalid_input', { detail: 'poison' });
    ledgerCopy.push(...events);
    return { receipts: [], size: ledgerCopy.length, note: `note ${ledgerCopy.length}` };
  },
};

const start = async (home?: string): Promise<void> => {
  world = await createWorld({
    kernels: [messageBus],
    doubles: { immutable_log: ledgerDouble },
    ...(home ? { home } : {}),
  });
};

afterEach(async () => {
  await world.close();
  ledgerCopy.length = 0;
  ledgerUp = true;
});

const ids = (result: { events: { event: Event }[] }): string[] =>
  result.events.map((item) => item.event.id);

test('counts an event that comes again as a duplicate and keeps its place', async () => {
  await start();
  const bus = world.client(busApi, insider);
  const first = await bus.publishEvents({ events: [makeEvent('a'), makeEvent('b')] });
  expect(first).toMatchObject({ accepted: 2, duplicates: 0 });
  const again = await bus.publishEvents({ events: [makeEvent('b'), makeEvent('c')] });
  expect(again).toMatchObject({ accepted: 1, duplicates: 1 });
  const list = await world.client(busApi, owner).listEvents({});
  expect(list.items.map((item) => item.event.id)).toEqual(['a', 'b', 'c']);
  expect(list.total).toBe(3);
});

test('refuses an event id that comes again with other content', async () => {
  await start();
  const bus = world.client(busApi, insider);
  await bus.publishEvents({ events: [makeEvent('a', 'normal', { x: 1 })] });
  await expect(
    bus.publishEvents({ events: [makeEvent('a', 'normal', { x: 2 })] }),
  ).rejects.toMatchObject({ code: 'event_conflict' });
});

test('delivers a critical event before a low one that was published earlier', async () => {
  await start();
  const bus = world.client(busApi, insider);
  await bus.publishEvents({
    events: [makeEvent('low', 'low'), makeEvent('normal'), makeEvent('critical', 'critical')],
  });
  const result = await bus.fetchEvents({ name: 'late', types: [], limit: 10, wait_ms: 0 });
  expect(ids(result)).toEqual(['critical', 'normal', 'low']);
});

test('gives a late subscriber the past, and nothing again that it acknowledged, also after a restart', async () => {
  await start();
  const before = world.client(busApi, insider);
  await before.publishEvents({ events: [makeEvent('a'), makeEvent('b'), makeEvent('c', 'high')] });
  const [c, a] = (await before.fetchEvents({ name: 'late', types: [], limit: 2, wait_ms: 0 }))
    .events;
  await before.ackEvents({ name: 'late', seqs: [c!.seq, a!.seq] });
  await world.close({ keep: true });
  await start(world.home);
  const after = world.client(busApi, insider);
  expect(ids(await after.fetchEvents({ name: 'late', types: [], limit: 10, wait_ms: 0 }))).toEqual([
    'b',
  ]);
  expect(
    ids(await after.fetchEvents({ name: 'other', types: ['test.high'], limit: 10, wait_ms: 0 })),
  ).toEqual(['c']);
});

test('wakes a waiting subscriber when an event arrives', async () => {
  await start();
  const bus = world.client(busApi, insider);
  const waiting = bus.fetchEvents({ name: 'waiter', types: [], limit: 10, wait_ms: 20_000 });
  await bus.publishEvents({ events: [makeEvent('now')] });
  expect(ids(await waiting)).toEqual(['now']);
});

test('copies every event to the ledger once the ledger is back, in order', async () => {
  ledgerUp = false;
  await start();
  const bus = world.client(busApi, insider);
  const sent = Array.from({ length: 40 }, (_, n) => makeEvent(`e${n}`));
  for (const event of sent) await bus.publishEvents({ events: [event] });
  expect(ledgerCopy).toEqual([]);
  ledgerUp = true;
  await expect.poll(() => ledgerCopy.length, { timeout: 10_000 }).toBe(40);
  expect(ledgerCopy.map((event) => event.id)).toEqual(sent.map((event) => event.id));
});

test('replays a stream from a position and follows it without a gap', async () => {
  await start();
  const bus = world.client(busApi, insider);
  await bus.publishEvents({ events: [makeEvent('a'), makeEvent('b')] });
  const leave = new AbortController();
  const call = { principal: owner, signal: leave.signal, lastEventId: '1' };
  const stream = world.host('message_bus').instance.handlers['streamEvents'] as unknown as (
    input: object,
    call: object,
  ) => AsyncIterable<{ id: string }>;
  const seen: string[] = [];
  for await (const item of stream({}, call)) {
    seen.push(item.id);
    if (seen.length === 1) await bus.publishEvents({ events: [makeEvent('c')] });
    if (seen.length === 2) leave.abort();
  }
  expect(seen).toEqual(['2', '3']);
});

test('lets nobody but kernels publish', async () => {
  await start();
  const outsider = world.client(busApi, owner);
  await expect(outsider.publishEvents({ events: [makeEvent('a')] })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test('an event that the ledger refuses for good holds up nothing: a tombstone takes its place', async () => {
  await start();
  const bus = world.client(busApi, insider);
  const events = [makeEvent('a'), { ...makeEvent('bad'), type: 'test.poison' }, makeEvent('c')];
  await bus.publishEvents({ events });
  await expect
    .poll(() => ledgerCopy.map((event) => event.id), { timeout: 10_000 })
    .toEqual(['a', 'bad', 'c']);
  expect(ledgerCopy[1]).toMatchObject({
    type: 'ledger.entry.refused',
    data: { type: 'test.poison' },
  });
  const witness = join(world.home, 'witness', 'bus.checkpoint');
  await expect.poll(() => existsSync(witness) && readFileSync(witness, 'utf8')).toBe('note 3');
});
