import type { Event } from '@holdfast/contracts';
import type { Store } from '@holdfast/store';

/** Keeps the search index level with the entries. */
export interface Labels {
  /** Resolves when every entry that is stored now can be found. Callers at the same time share the work. */
  catchUp(): Promise<void>;
}

const PAGE = 500;

const INSERT = `INSERT INTO labels (idx, type, actor, subject, correlation) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (idx) DO NOTHING`;

const toParams = ({ idx, body }: { idx: number; body: string }) => {
  const event = JSON.parse(body) as Event;
  return [idx, event.type, event.actor, event.subject ?? '', event.correlationid ?? ''];
};

/**
 * Labels are not written with the entries: indexes would double what an acknowledgement waits for, and they can always
 * be made again from the bodies.
 */
export const createLabels = (store: Store): Labels => {
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    for (;;) {
      const rows = await store.read<{ idx: number; body: string }>(
        `SELECT idx, body FROM entries WHERE idx > COALESCE((SELECT MAX(idx) FROM labels), -1) ORDER BY idx LIMIT ${PAGE}`,
      );
      if (rows.length === 0) return;
      await store.write([{ sql: INSERT, many: rows.map(toParams) }]);
    }
  };
  return {
    async catchUp() {
      // What was appended after a running pass had its last look needs another one.
      await running;
      running ??= run().finally(() => (running = undefined));
      await running;
    },
  };
};
