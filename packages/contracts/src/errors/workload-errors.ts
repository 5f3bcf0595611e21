import { defineErrors } from './define-errors.ts';

/** Refusals about workloads of a cluster. */
export const workloadErrors = defineErrors({
  workload_not_found: { status: 404, retry: 'never', text: "there is no workload '{id}'" },
  workload_busy: {
    status: 409,
    retry: 'later',
    text: "workload '{id}' is held by change {change}: it can be removed or pointed elsewhere after it",
  },
  workload_limit: {
    status: 429,
    retry: 'later',
    text: 'registering a workload: there are {most}, which is the most',
  },
  cluster_unavailable: {
    status: 503,
    retry: 'later',
    text: "reaching the cluster of workload '{id}': {detail}",
  },
});
