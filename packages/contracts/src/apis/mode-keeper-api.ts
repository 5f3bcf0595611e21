import * as z from 'zod';
import { defineApi, listOf, op, pageInput } from '../api.ts';
import {
  workloadIdSchema,
  workloadObservationSchema,
  workloadSchema,
  workloadSpecSchema,
} from '../records/workload.ts';
import { changeDriverOps } from './change-driver-api.ts';

/** A look reads the workload and its telemetry, each from another server. */
const OBSERVE_MS = 90_000;

const workloadId = z.object({ id: workloadIdSchema });

/** Workloads of a cluster that are watched and tuned, and the change driver of their knobs. */
export const modeKeeperApi = defineApi({
  kernel: 'mode_keeper',
  ops: {
    listWorkloads: op({
      method: 'GET',
      path: '/api/workloads',
      summary: 'The registered workloads, by id',
      input: z.object(pageInput),
      output: listOf(workloadSchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid'],
    }),
    getWorkload: op({
      method: 'GET',
      path: '/api/workloads/{id}',
      summary: 'One workload: where it runs, what it is measured by and how it may be tuned',
      input: workloadId,
      output: workloadSchema,
      risk: 'read',
      role: 'viewer',
      errors: ['workload_not_found'],
    }),
    registerWorkload: op({
      method: 'PUT',
      path: '/api/workloads/{id}',
      summary: 'Registers a workload, or replaces what is on record about it',
      input: workloadSpecSchema.extend({ id: workloadIdSchema }),
      output: workloadSchema,
      risk: 'change',
      role: 'operator',
      errors: ['workload_busy', 'workload_limit'],
    }),
    removeWorkload: op({
      method: 'DELETE',
      path: '/api/workloads/{id}',
      summary: 'Forgets a workload and what was seen of it; the workload itself stays as it is',
      input: workloadId,
      output: z.object({ removed: z.boolean() }),
      risk: 'change',
      role: 'operator',
      errors: ['workload_not_found', 'workload_busy'],
    }),
    observeWorkload: op({
      method: 'POST',
      path: '/api/workloads/{id}/observe',
      summary: 'Looks at a workload now; in mode propose, what is allowed becomes a change',
      input: workloadId.strict(),
      output: workloadObservationSchema,
      risk: 'change',
      role: 'operator',
      answerMs: OBSERVE_MS,
      errors: ['workload_not_found'],
    }),
    listObservations: op({
      method: 'GET',
      path: '/api/workloads/{id}/observations',
      summary: 'What was seen of a workload, newest first',
      input: workloadId.extend(pageInput),
      output: listOf(workloadObservationSchema),
      risk: 'read',
      role: 'viewer',
      errors: ['workload_not_found', 'cursor_invalid'],
    }),
    ...changeDriverOps,
  },
});
