import { KNOB_ANNOTATION } from '../knobs/knob-annotation.ts';
import { targetsOf, type Action } from '../policies/action.ts';
import type { KubeObject } from '../workload/kube-object.ts';
import { annotateTemplates } from '../workload/annotate-templates.ts';
import { findKind } from '../workload/workload-kinds.ts';
import { isNamespaceName, isObjectName } from './object-name.ts';
import { PlanError } from './plan-error.ts';
import type { PlanItem } from './plan-item.ts';

export interface PlanTarget {
  /** Default apps/v1 and Deployment. */
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace: string;
  readonly name: string;
  /** The workload as it was read; kinds whose pod templates lie in lists or under free keys need it. */
  readonly object?: KubeObject;
}

/**
 * The plan of some actions: none, or one item that puts every knob as text on the workload and on its pod templates.
 * Throws PlanError for a target that cannot be patched.
 */
export const buildPlan = (actions: readonly Action[], target: PlanTarget): PlanItem[] => {
  if (actions.length === 0) return [];
  const kind = findKind(target.kind ?? 'Deployment', target.apiVersion);
  if (kind === undefined)
    throw new PlanError('invalid_item', `a ${target.kind} is not a kind that can be patched`);
  if (!isNamespaceName(target.namespace) || !isObjectName(target.name))
    throw new PlanError('invalid_item', 'the target has no name that Kubernetes takes');
  const annotations = Object.fromEntries(
    [...targetsOf(actions)].map(([knob, value]) => [`${KNOB_ANNOTATION}${knob}`, String(value)]),
  );
  return [
    {
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      namespace: target.namespace,
      name: target.name,
      reason: 'coalesced',
      patch: {
        metadata: { annotations: { ...annotations } },
        ...annotateTemplates(kind, annotations, target.object),
      },
    },
  ];
};
