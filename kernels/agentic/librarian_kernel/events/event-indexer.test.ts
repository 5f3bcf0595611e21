import type { BusEvent } from '@holdfast/contracts';
import { afterEach, expect, test } from 'vitest';
import {
  createFakeBus,
  openLibraryWorld,
  type LibraryWorld,
} from '../test-support/library-world.ts';

let world: LibraryWorld;
afterEach(() => world.close());

const event = (seq: number, type: string, data: Record<string, unknown>): BusEvent => ({
  seq,
  event: {
    specversion: '1.0',
    id: `evt_${seq}`,
    source: '/guardian',
    type,
    subject: 'kernels/governance',
    time: '2026-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    priority: 'normal',
    actor: 'guardian',
    correlationid: 'chg_7',
    data,
  },
});

const incident = (seq: number, status: string): BusEvent =>
  event(seq, 'event.incident', {
    incident_id: 'inc_1',
    component: 'governance',
    failure_mode: 'process_crashed',
    status,
    actions_taken: ['restart_component'],
  });

test('finds an event by its subject, its correlation and what it tells, and cites it', async () => {
  world = await openLibraryWorld();
  world.bus.push(event(1, 'change.finished', { outcome: { state: 'reverted' } }));
  await world.bus.drained();
  for (const query of ['governance', 'chg_7', 'reverted', '"change finished"']) {
    const { results } = await world.client.search({ query, kind: 'event' });
    expect(results, query).toMatchObject([
      {
        source: 'event:evt_1',
        title: 'change.finished kernels/governance',
        url: '/api/log/proof/evt_1',
      },
    ]);
  }
  expect((await world.client.search({ query: 'reverted', source: 'event:evt_1' })).total).toBe(1);
});

test('keeps one document for an incident: the newest that is known of it', async () => {
  world = await openLibraryWorld();
  world.bus.push(incident(3, 'resolved'), incident(2, 'detected'));
  await world.bus.drained();
  const { results } = await world.client.search({ query: 'incident governance' });
  expect(results).toMatchObject([
    {
      kind: 'incident',
      title: 'Incident: governance, process crashed (resolved)',
      source: 'event:evt_3',
    },
  ]);
  expect((await world.client.listDocuments({ kind: 'incident' })).total).toBe(1);
});

test('announces nothing of what it copies', async () => {
  world = await openLibraryWorld();
  world.bus.push(incident(1, 'detected'));
  await world.bus.drained();
  await world.host.stop();
  expect(world.published).toEqual([]);
});

test('keeps the newest events only', async () => {
  world = await openLibraryWorld({ retention: { keep: 5, slack: 2 } });
  for (let seq = 1; seq <= 20; seq += 1)
    world.bus.push(event(seq, 'change.proposed', { number: `n${seq}` }));
  await world.bus.drained();
  expect((await world.client.listDocuments({})).total).toBeLessThanOrEqual(7);
  expect((await world.client.search({ query: 'n20' })).total).toBe(1);
  expect((await world.client.search({ query: 'n3' })).total).toBe(0);
});

test('goes on with what was not acknowledged when it was cut', async () => {
  const bus = createFakeBus();
  world = await openLibraryWorld({ bus });
  for (let seq = 1; seq <= 300; seq += 1)
    bus.push(event(seq, 'change.proposed', { number: `n${seq}` }));
  await world.close({ keep: true });
  world = await openLibraryWorld({ home: world.home, bus });
  await bus.drained();
  expect((await world.client.listDocuments({})).total).toBe(300);
});

test('takes an event of any shape', async () => {
  world = await openLibraryWorld();
  let deep: Record<string, unknown> = {};
  for (let n = 0; n < 50; n += 1) deep = { deep, list: [deep, null, 'a\0b'] };
  world.bus.push(event(1, 'event.incident', {}), event(2, 'event.incident', { incident: 7 }));
  world.bus.push(event(3, 'change.planned', { text: 'x'.repeat(100_000), empty: [], flag: false }));
  await world.bus.drained();
  expect((await world.client.listDocuments({})).total).toBe(3);
});
