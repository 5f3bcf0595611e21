import type { BoundValue } from '../sql-values.ts';
import type { Row } from '../store.ts';
import { isConnectionLoss } from './postgres-failure.ts';
import type { Session } from './session.ts';

const poolSize = 2;

interface Slot {
  session: Promise<Session> | undefined;
  busy: number;
}

export interface Readers {
  read(sql: string, params: readonly BoundValue[]): Promise<Row[]>;
  /** A result in pages over one snapshot, on a connection of its own. */
  pages(sql: string, params: readonly BoundValue[], pageSize: number): AsyncGenerator<Row[]>;
  close(): Promise<void>;
}

/** Connections made on the first read that needs them; a lost one is replaced by the next read. */
export function createReaders(connect: () => Promise<Session>): Readers {
  const slots: Slot[] = Array.from({ length: poolSize }, () => ({ session: undefined, busy: 0 }));

  /** An idle connection that exists, else an idle slot, else the least busy connection. */
  function pickSlot(): Slot {
    const idle = slots.filter((slot) => slot.busy === 0);
    const open = idle.find((slot) => slot.session !== undefined);
    return open ?? idle[0] ?? slots.reduce((a, b) => (b.busy < a.busy ? b : a));
  }

  async function sessionOf(slot: Slot): Promise<Session> {
    if (slot.session !== undefined) {
      const known = await slot.session.catch(() => undefined);
      if (known !== undefined && !known.lost) return known;
    }
    slot.session = connect();
    return slot.session;
  }

  /** A read changes nothing, so one that met a broken connection is tried again on a new one. */
  async function readIn(slot: Slot, sql: string, params: readonly BoundValue[]): Promise<Row[]> {
    try {
      return (await (await sessionOf(slot)).query(sql, params)).rows;
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      slot.session = undefined;
      return (await (await sessionOf(slot)).query(sql, params)).rows;
    }
  }

  return {
    async read(sql, params) {
      const slot = pickSlot();
      slot.busy++;
      try {
        return await readIn(slot, sql, params);
      } finally {
        slot.busy--;
      }
    },
    async *pages(sql, params, pageSize) {
      const session = await connect();
      try {
        await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        await session.query(`DECLARE pages NO SCROLL CURSOR FOR ${sql}`, params);
        for (;;) {
          const { rows } = await session.query(`FETCH FORWARD ${pageSize} FROM pages`);
          if (rows.length > 0) yield rows;
          if (rows.length < pageSize) return;
        }
      } finally {
        await session.end();
      }
    },
    async close() {
      for (const slot of slots) {
        const session = await slot.session?.catch(() => undefined);
        if (session !== undefined && !session.lost) await session.end();
      }
    },
  };
}
