import { expect, it } from 'vitest';
import { ackEvents, ackExactly, insertEvent, outboxSql, pendingEvents } from '../outbox.ts';
import type { PendingEvent } from '../outbox.ts';
import { codeOf, insertNote, notesMigration } from './harness.ts';
import type { Harness } from './harness.ts';

const event = (id: string) => ({
  id,
  type: 'infrastructure.dependency.drift',
  body: JSON.stringify({ id }),
  createdAt: '2026-01-02T03:04:05Z',
});

export function outboxCases({ open }: Harness): void {
  it('publishes with the state it announces, once, in order, until acknowledged', async () => {
    const outbox = { version: 2, name: 'outbox', sql: outboxSql };
    const store = await open({ migrations: [notesMigration, outbox] });
    await store.write([insertNote('a'), insertEvent(event('e1'))]);
    const twice = store.write([insertNote('b'), insertEvent(event('e1'))]);
    expect(await codeOf(twice)).toBe('STORE_CONSTRAINT');
    await store.write([insertEvent(event('e2')), insertEvent({ ...event('e3'), priority: 5 })]);

    const pending = pendingEvents(2);
    const page = await store.read<PendingEvent>(pending.sql, pending.params);
    expect(page.map(({ id, priority }) => [id, priority])).toEqual([
      ['e1', 0],
      ['e2', 0],
    ]);
    await store.write([ackEvents(page[1]?.seq ?? 0)]);
    const rest = await store.read<PendingEvent>(pending.sql, pending.params);
    expect(rest.map(({ id, body }) => [id, body])).toEqual([['e3', '{"id":"e3"}']]);
    expect(await store.read('SELECT name FROM notes')).toEqual([{ name: 'a' }]);
  });

  it('forgets exactly the events that it is told, whatever came in between', async () => {
    const store = await open({ migrations: [{ version: 2, name: 'outbox', sql: outboxSql }] });
    await store.write(['e1', 'e2', 'e3'].map((id) => insertEvent(event(id))));
    const pending = pendingEvents(3);
    const [first, , last] = await store.read<PendingEvent>(pending.sql, pending.params);
    await store.write([ackExactly([first!.seq, last!.seq])]);
    const rest = await store.read<PendingEvent>(pending.sql, pending.params);
    expect(rest.map(({ id }) => id)).toEqual(['e2']);
  });
}
