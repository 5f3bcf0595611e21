import type { RbacDenial } from '../rbac-denial.ts';
import type { BlockerKind, VerifyBlocker } from './blocker.ts';

/*
 * The parts of the `k8s_verify` report that the cluster gives, as they are on the wire.
 */

export interface PlanObject {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
}

export interface DryRun {
  readonly attempted: boolean;
  readonly mode: 'server' | null;
  readonly ok: boolean;
  readonly rc: number | null;
  readonly stderr: string | null;
}

/** `deployment_exists` and `..._deployments` are the names of the contract; they speak of the item's own kind. */
export interface VerifiedItem {
  readonly namespace: string;
  readonly name: string;
  readonly object: PlanObject;
  readonly namespace_exists: boolean;
  readonly deployment_exists: boolean;
  readonly dry_run: DryRun;
  readonly auth_can_i_patch_deployments: boolean | null;
  readonly auth_can_i_get_deployments: boolean | null;
}

export interface VerifyDiagnostics {
  readonly kubectl_version: string | null;
  readonly server_version: string | null;
  /** Null unless the plan has exactly one namespace. */
  readonly auth_can_i_patch_deployments: boolean | null;
  readonly auth_can_i_get_deployments: boolean | null;
  readonly auth_can_i_patch_deployments_by_namespace: Readonly<Record<string, boolean | null>>;
  readonly auth_can_i_get_deployments_by_namespace: Readonly<Record<string, boolean | null>>;
}

export interface PlanVerification {
  readonly ok: boolean;
  readonly objects: readonly PlanObject[];
  readonly kubectl_context: string | null;
  readonly checks: {
    readonly kubectl_present: boolean;
    readonly current_context: {
      readonly ok: boolean;
      readonly rc: number;
      readonly stderr: string;
    };
    /** Up to and with the first item that failed. */
    readonly items: readonly VerifiedItem[];
  };
  readonly diagnostics: VerifyDiagnostics;
  readonly verify_blocker: VerifyBlocker | null;
  readonly details?: { readonly rbac: RbacDenial };
  /** By `Kind/namespace/name`: the version of each object that was verified, where it could be read. */
  readonly resource_versions: Readonly<Record<string, string>>;
  /** The same of what a plan depends on of each object (`worldRevision`): it outlives words about the status. */
  readonly world_revisions: Readonly<Record<string, string>>;
}

/** What looking at one item gave, before the questions about access are answered. */
export interface ItemFinding {
  readonly item: Omit<VerifiedItem, 'auth_can_i_patch_deployments' | 'auth_can_i_get_deployments'>;
  readonly blocker?: { readonly kind: BlockerKind; readonly detail: string; readonly text: string };
  readonly resourceVersion?: string;
  readonly worldRevision?: string;
}
