import { mergePatch } from './merge-patch.ts';
import { isRecord } from './outcome.ts';
import type { WorkloadKind, WorkloadRef } from './workload.ts';

const holdsNull = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value)
    ? value.some(holdsNull)
    : isRecord(value) && Object.values(value).some(holdsNull));

/**
 * The object that server-side apply is sent for these fields, or why there is none: a field is given up by leaving it
 * out of the next apply, so that a patch that removes by `null` cannot be said this way.
 */
export const applyBody = (wanted: {
  kind: WorkloadKind;
  ref: WorkloadRef;
  fields: Record<string, unknown>;
  resourceVersion?: string;
}): Record<string, unknown> | string => {
  const { kind, ref, fields, resourceVersion } = wanted;
  if (holdsNull(fields)) return 'server-side apply cannot remove a field by null';
  return mergePatch(fields, {
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  }) as Record<string, unknown>;
};
