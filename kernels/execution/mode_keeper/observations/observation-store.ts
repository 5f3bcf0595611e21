import type { WorkloadObservation } from '@holdfast/contracts';
import type { Statement, Store } from '@holdfast/store';
import { offsetOf, pageAt, type PageRequest } from '../page.ts';

/** Observations that are kept of each workload. */
export const KEPT_OBSERVATIONS = 200;

export interface ObservationStore {
  last(workload: string): Promise<WorkloadObservation | undefined>;
  /** Newest first. Throws cursor_invalid. */
  page(
    workload: string,
    request: PageRequest,
  ): Promise<ReturnType<typeof pageAt<WorkloadObservation>>>;
  /** Adds one and drops those that are too many, in a write of the caller's. */
  add(observation: WorkloadObservation): Statement[];
}

export const createObservationStore = (store: Store): ObservationStore => {
  const read = async (workload: string, limit: number, offset: number) => {
    const rows = await store.read<{ record: string }>(
      'SELECT record FROM observations WHERE workload = ? ORDER BY seq DESC LIMIT ? OFFSET ?',
      [workload, limit, offset],
    );
    return rows.map(({ record }) => JSON.parse(record) as WorkloadObservation);
  };
  return {
    last: async (workload) => (await read(workload, 1, 0))[0],
    async page(workload, request) {
      const offset = offsetOf(request);
      const [count] = await store.read<{ total: number }>(
        'SELECT COUNT(*) AS total FROM observations WHERE workload = ?',
        [workload],
      );
      return pageAt(await read(workload, request.limit, offset), offset, count?.total ?? 0);
    },
    // One that is added while its workload is removed must not outlive it.
    add: (observation) => [
      {
        sql: `INSERT INTO observations (workload, seq, record)
          SELECT id, (SELECT COALESCE(MAX(seq), 0) + 1 FROM observations WHERE workload = ?), ?
          FROM workloads WHERE id = ?`,
        params: [observation.workload, JSON.stringify(observation), observation.workload],
      },
      {
        sql: `DELETE FROM observations WHERE workload = ? AND seq <=
          (SELECT MAX(seq) FROM observations WHERE workload = ?) - ?`,
        params: [observation.workload, observation.workload, KEPT_OBSERVATIONS],
      },
    ],
  };
};
