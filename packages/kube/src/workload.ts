import { WORKLOAD_KINDS as TUNED_KINDS, type WorkloadKind as TunedKind } from '@holdfast/tuning';

/**
 * A Kubernetes object as far as this package looks into it. A type and no interface: so it is also a plain record for
 * those who walk it by field paths.
 */
export type KubeObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
};

/** `kind` is `Deployment` where it is absent or empty. */
export interface WorkloadRef {
  readonly kind?: string;
  readonly namespace: string;
  readonly name: string;
}

/** A kind of workload that can be tuned, with the parts of its `apiVersion`; `group` is empty for the core group. */
export interface WorkloadKind extends TunedKind {
  readonly group: string;
  readonly version: string;
}

const withApi = (kind: TunedKind): WorkloadKind => {
  const parts = kind.apiVersion.split('/');
  return { ...kind, group: parts.length === 1 ? '' : parts[0]!, version: parts.at(-1)! };
};

export const WORKLOAD_KINDS: readonly WorkloadKind[] = TUNED_KINDS.map(withApi);

/** The kind with this name, or nothing where it cannot be tuned. */
export const workloadKind = (name: string | undefined): WorkloadKind | undefined =>
  WORKLOAD_KINDS.find(({ kind }) => kind === (name || 'Deployment'));

/** Everything that can be used under this name is asked about by this one: `deployments`, `pytorchjobs.kubeflow.org`. */
export const accessResource = ({ group, plural }: WorkloadKind): string =>
  group === 'apps' || group === 'batch' ? plural : `${plural}.${group}`;
