import type { PlanItem } from '@holdfast/tuning';
import type { Cluster, Outcome } from '../cluster.ts';
import { parseRbacDenial } from '../rbac-denial.ts';
import type { VerifyBlocker } from './blocker.ts';
import { objectOf, versionKey } from './plan-ref.ts';
import type { ItemFinding, PlanVerification, VerifiedItem } from './plan-verification.ts';
import { askAccess } from './verify-access.ts';
import type { AccessAnswers } from './verify-access.ts';
import { verifyItem } from './verify-item.ts';

const MISSING: VerifyBlocker = {
  kind: 'kubectl_missing',
  index: null,
  namespace: null,
  name: null,
  detail: 'kubectl not found, and no kubeconfig',
};

const unseen = (item: PlanItem): ItemFinding => ({
  item: {
    namespace: item.namespace,
    name: item.name,
    object: objectOf(item),
    namespace_exists: false,
    deployment_exists: false,
    dry_run: { attempted: false, mode: null, ok: false, rc: null, stderr: 'kubectl not found' },
  },
});

/** In the plan's order, up to and with the first item that something stands in the way of. */
const lookAtItems = async (
  cluster: Cluster,
  items: readonly PlanItem[],
): Promise<ItemFinding[]> => {
  const findings: ItemFinding[] = [];
  for (const item of items) {
    const finding = await verifyItem(cluster, item);
    findings.push(finding);
    if (finding.blocker !== undefined) break;
  }
  return findings;
};

const blockerOf = (findings: readonly ItemFinding[]): VerifyBlocker | null => {
  const index = findings.findIndex(({ blocker }) => blocker !== undefined);
  const found = findings[index];
  if (found?.blocker === undefined) return null;
  const { kind, detail } = found.blocker;
  return { kind, index, namespace: found.item.namespace, name: found.item.name, detail };
};

const withAccess = (
  finding: ItemFinding,
  planned: PlanItem,
  access: AccessAnswers,
): VerifiedItem => ({
  ...finding.item,
  auth_can_i_patch_deployments: access.of(planned, 'patch'),
  auth_can_i_get_deployments: access.of(planned, 'get'),
});

const line = ({ ok, stdout }: Outcome): string | null => (ok && stdout.trim()) || null;

/**
 * Holds a plan against a cluster and changes nothing: do the objects exist, may this user patch them, and does the
 * server accept each patch (dry run). A plan of no items is fine wherever there is a cluster to ask.
 */
export const verifyPlan = async (
  cluster: Cluster,
  items: readonly PlanItem[],
): Promise<PlanVerification> => {
  const present = await cluster.present();
  const [context, client, server, access, findings] = await Promise.all([
    cluster.currentContext(),
    cluster.clientVersion(),
    cluster.serverVersion(),
    askAccess(cluster, items, present),
    present ? lookAtItems(cluster, items) : Promise.resolve(items.slice(0, 1).map(unseen)),
  ]);
  const verify_blocker = present ? blockerOf(findings) : MISSING;
  const denial =
    verify_blocker?.kind === 'rbac_denied'
      ? parseRbacDenial(findings[verify_blocker.index ?? 0]?.blocker?.text ?? '')
      : undefined;
  const byObject = (of: (finding: ItemFinding) => string | undefined): Record<string, string> =>
    Object.fromEntries(
      findings.flatMap((finding, index) => {
        const value = of(finding);
        return value === undefined ? [] : [[versionKey(items[index] as PlanItem), value] as const];
      }),
    );
  return {
    ok: verify_blocker === null,
    objects: items.map(objectOf),
    kubectl_context: line(context),
    checks: {
      kubectl_present: present,
      current_context: { ok: context.ok, rc: context.rc, stderr: context.stderr.trim() },
      items: findings.map((finding, index) =>
        withAccess(finding, items[index] as PlanItem, access),
      ),
    },
    diagnostics: {
      kubectl_version: line(client),
      server_version: line(server),
      ...access.diagnostics,
    },
    verify_blocker,
    ...(denial === undefined ? {} : { details: { rbac: denial } }),
    resource_versions: byObject(({ resourceVersion }) => resourceVersion),
    world_revisions: byObject(({ worldRevision }) => worldRevision),
  };
};
