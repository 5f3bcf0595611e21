import {
  HoldfastError,
  type TunedWorkload,
  type WorkloadSpec,
  workloadSpecSchema,
} from '@holdfast/contracts';
import type { Statement, Store } from '@holdfast/store';

interface WorkloadRow {
  id: string;
  spec: string;
  registered_by: string;
  registered_at: string;
  updated_at: string;
  observed_at: string | null;
  change_id: string | null;
}

const recordOf = ({ spec, change_id, ...row }: WorkloadRow): TunedWorkload => ({
  ...workloadSpecSchema.parse(JSON.parse(spec)),
  ...row,
  change: change_id,
});

/** Changes that are remembered of each workload. */
const KEPT_CHANGES = 10;

/** What is registered. Statements are for the write of whatever announces them. */
export interface WorkloadStore {
  find(id: string): Promise<TunedWorkload | undefined>;
  /** Throws workload_not_found. */
  load(id: string): Promise<TunedWorkload>;
  all(): Promise<TunedWorkload[]>;
  put(id: string, spec: WorkloadSpec, by: string, at: string): Statement;
  remove(id: string): Statement[];
  /** Notes the change that holds a workload, or held it last. */
  noteChange(id: string, change: string): Statement[];
  /** The changes that were noted last, newest first. */
  recentChanges(id: string): Promise<string[]>;
  noteObserved(id: string, at: string): Statement;
}

export const createWorkloadStore = (store: Store): WorkloadStore => {
  const find = async (id: string): Promise<TunedWorkload | undefined> => {
    const [row] = await store.read<WorkloadRow>('SELECT * FROM workloads WHERE id = ?', [id]);
    return row && recordOf(row);
  };
  return {
    find,
    async load(id) {
      const found = await find(id);
      if (!found) throw new HoldfastError('workload_not_found', { id });
      return found;
    },
    all: async () =>
      (await store.read<WorkloadRow>('SELECT * FROM workloads ORDER BY id')).map(recordOf),
    put: (id, spec, by, at) => ({
      sql: `INSERT INTO workloads (id, spec, registered_by, registered_at, updated_at)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at`,
      params: [id, JSON.stringify(workloadSpecSchema.parse(spec)), by, at, at],
    }),
    remove: (id) => [
      { sql: 'DELETE FROM workloads WHERE id = ?', params: [id] },
      { sql: 'DELETE FROM observations WHERE workload = ?', params: [id] },
      { sql: 'DELETE FROM workload_changes WHERE workload = ?', params: [id] },
    ],
    noteChange: (id, change) => [
      { sql: 'UPDATE workloads SET change_id = ? WHERE id = ?', params: [change, id] },
      {
        sql: `INSERT INTO workload_changes (workload, seq, change_id)
          SELECT id, (SELECT COALESCE(MAX(seq), 0) + 1 FROM workload_changes WHERE workload = ?), ?
          FROM workloads WHERE id = ? ON CONFLICT (workload, change_id) DO NOTHING`,
        params: [id, change, id],
      },
      {
        sql: `DELETE FROM workload_changes WHERE workload = ? AND seq <=
          (SELECT MAX(seq) FROM workload_changes WHERE workload = ?) - ?`,
        params: [id, id, KEPT_CHANGES],
      },
    ],
    async recentChanges(id) {
      const rows = await store.read<{ change_id: string }>(
        'SELECT change_id FROM workload_changes WHERE workload = ? ORDER BY seq DESC',
        [id],
      );
      return rows.map(({ change_id }) => change_id);
    },
    noteObserved: (id, at) => ({
      sql: 'UPDATE workloads SET observed_at = ? WHERE id = ?',
      params: [at, id],
    }),
  };
};
