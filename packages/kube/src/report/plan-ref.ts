import type { PlanItem } from '@holdfast/tuning';
import type { WorkloadRef } from '../workload.ts';
import type { PlanObject } from './plan-verification.ts';

/** A plan of another tool may leave the kind out: it means a Deployment. */
export const refOf = ({ kind, namespace, name }: PlanItem): WorkloadRef & { kind: string } => ({
  kind: kind || 'Deployment',
  namespace,
  name,
});

export const objectOf = (item: PlanItem): PlanObject => {
  const { kind, namespace, name } = refOf(item);
  return { namespace, name, kind };
};

/** The key of an item in `resource_versions`. */
export const versionKey = (item: PlanItem): string => {
  const { kind, namespace, name } = refOf(item);
  return `${kind}/${namespace}/${name}`;
};
