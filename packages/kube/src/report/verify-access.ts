import type { PlanItem } from '@holdfast/tuning';
import type { Cluster } from '../cluster.ts';
import { accessResource, workloadKind } from '../workload.ts';
import { refOf } from './plan-ref.ts';
import type { VerifyDiagnostics } from './plan-verification.ts';

export interface AccessAnswers {
  /** For the kind and the namespace of an item. Null: neither yes nor no was heard. */
  of(item: PlanItem, verb: 'patch' | 'get'): boolean | null;
  readonly diagnostics: Omit<VerifyDiagnostics, 'kubectl_version' | 'server_version'>;
}

const VERBS = ['patch', 'get'] as const;

const resourceOf = (item: PlanItem): string => {
  const kind = workloadKind(item.kind);
  return kind === undefined ? 'deployments' : accessResource(kind);
};

/** No in one of them is no in all; what was not heard in one leaves the answer open. */
const all = (answers: readonly (boolean | null)[]): boolean | null =>
  answers.includes(false) ? false : answers.includes(null) ? null : true;

/** Asks, once for each namespace and resource of a plan, whether it may be read and patched. */
export const askAccess = async (
  cluster: Cluster,
  items: readonly PlanItem[],
  present: boolean,
): Promise<AccessAnswers> => {
  const answers = new Map<string, boolean | null>();
  const keyOf = (item: PlanItem, verb: string): string =>
    JSON.stringify([refOf(item).namespace, resourceOf(item), verb]);
  const ask = async (item: PlanItem, verb: string): Promise<void> => {
    const question = { verb, resource: resourceOf(item), namespace: item.namespace };
    answers.set(keyOf(item, verb), (await cluster.checkAccess(question)).allowed ?? null);
  };
  for (const item of present ? items : [])
    if (!answers.has(keyOf(item, 'get'))) await Promise.all(VERBS.map((verb) => ask(item, verb)));

  const of = (item: PlanItem, verb: string): boolean | null =>
    answers.get(keyOf(item, verb)) ?? null;
  const namespaces = [...new Set(items.map(({ namespace }) => namespace))];
  const byNamespace = (verb: string): Record<string, boolean | null> =>
    Object.fromEntries(
      namespaces.map((namespace) => [
        namespace,
        all(items.filter((item) => item.namespace === namespace).map((item) => of(item, verb))),
      ]),
    );
  const only = (found: Record<string, boolean | null>): boolean | null =>
    namespaces.length === 1 ? (found[namespaces[0] as string] ?? null) : null;
  const [patch, get] = [byNamespace('patch'), byNamespace('get')];
  return {
    of,
    diagnostics: {
      auth_can_i_patch_deployments: only(patch),
      auth_can_i_get_deployments: only(get),
      auth_can_i_patch_deployments_by_namespace: patch,
      auth_can_i_get_deployments_by_namespace: get,
    },
  };
};
