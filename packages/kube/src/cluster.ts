import type { KubeObject, WorkloadRef } from './workload.ts';

/**
 * What one call to the cluster gave. `rc` is 0 when it worked, else what kubectl would have ended with: 1 refused or
 * failed, 124 past its time, 127 nothing to call. `stderr` holds the server's own words. `reason` is the server's one
 * word for a refusal (`Forbidden`, `NotFound`, `Conflict`), where it said one.
 */
export interface Outcome {
  readonly ok: boolean;
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly reason?: string;
}

/** `object` is absent when the call failed, or answered with something that is no Kubernetes object. */
export interface ObjectOutcome extends Outcome {
  readonly object?: KubeObject;
}

/** `items` is absent when the call failed, or answered with something that is no list. */
export interface ListOutcome extends Outcome {
  readonly items?: readonly KubeObject[];
}

/** `allowed` is absent when the server gave neither yes nor no. */
export interface AccessOutcome extends Outcome {
  readonly allowed?: boolean;
}

export interface AccessQuestion {
  readonly verb: string;
  /** Plural, with its group where it has one: `pods`, `deployments.apps`. */
  readonly resource: string;
  readonly namespace: string;
}

/** The questions of the preflight, each with an answer for people to read; `nodes` and `deployment` answer JSON. */
export type Probe =
  | { readonly ask: 'cluster_info' | 'namespaces' | 'nodes' | 'system_daemon_sets' | 'system_pods' }
  | {
      readonly ask: 'deployment_wide' | 'deployment';
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly ask: 'pods_wide'; readonly namespace: string }
  | {
      readonly ask: 'can_i_get';
      readonly resource: 'pods' | 'deployments.apps';
      readonly namespace: string;
    };

export interface PatchOptions {
  /** The server checks and admits everything and stores nothing. */
  readonly dryRun: boolean;
  /** The patch is refused with `Conflict` unless the stored object still has this version. */
  readonly resourceVersion?: string;
  /** `merge`: RFC 7386 JSON merge patch. `apply`: server-side apply as `holdfast-mk`. */
  readonly strategy?: 'merge' | 'apply';
  /** Server-side apply only: take over fields that another manager owns. */
  readonly force?: boolean;
}

export interface LogRequest {
  readonly namespace: string;
  /** One pod, or the pods of a workload, of which one that runs is read. */
  readonly target: { readonly pod: string } | { readonly deployment: string };
  /** Absent: the pod's default container. */
  readonly container?: string;
  /** Whole seconds back from now; 0: everything that is kept. */
  readonly sinceSeconds: number;
  readonly previous?: boolean;
}

/** Lines without their line ends, each with the time stamp that the node put before it. Can be iterated once. */
export interface LogStream extends AsyncIterable<string> {
  /** Settles when the iteration has ended, however it did. Never rejects. */
  readonly outcome: Promise<Outcome>;
}

/** One cluster as one user sees it. No method rejects: what went wrong is in the outcome. */
export interface Cluster {
  readonly mode: 'kubectl' | 'api';
  /** Is there anything to call at all. */
  present(): Promise<boolean>;
  /** `stdout`: the name of the context. */
  currentContext(): Promise<Outcome>;
  /** `stdout`: the names of all contexts, one a line. */
  contexts(): Promise<Outcome>;
  /** The same user's view of the cluster that another context names. */
  inContext(name: string): Cluster;
  /** `stdout`: the version of the client, such as `v1.32.4`. */
  clientVersion(): Promise<Outcome>;
  /** `stdout`: the version of the server. */
  serverVersion(): Promise<Outcome>;
  checkAccess(question: AccessQuestion): Promise<AccessOutcome>;
  namespaceExists(namespace: string): Promise<Outcome>;
  workloadExists(ref: WorkloadRef): Promise<Outcome>;
  workload(ref: WorkloadRef): Promise<ObjectOutcome>;
  patch(
    ref: WorkloadRef,
    patch: Record<string, unknown>,
    options: PatchOptions,
  ): Promise<ObjectOutcome>;
  pods(namespace: string, selector: string): Promise<ListOutcome>;
  pod(namespace: string, name: string): Promise<ObjectOutcome>;
  logs(request: LogRequest): LogStream;
  namespaces(): Promise<ListOutcome>;
  /** The deployments of all namespaces. */
  deployments(): Promise<ListOutcome>;
  probe(probe: Probe): Promise<Outcome>;
}

export const CALL_TIMEOUT_MS = 20_000;
export const FIELD_MANAGER = 'holdfast-mk';

/** What one call may answer before it is given up, in bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
