import {
  HoldfastError,
  policyApi,
  type PolicyFile,
  type PolicyRevision,
} from '@holdfast/contracts';
import { defineKernel } from '@holdfast/sdk';
import { checksumOf } from './cedar/compiled-set.ts';
import { configFromProfile, policyConfig, policyNeeds } from './config.ts';
import { loadedTrouble } from './cedar/load-cedar.ts';
import { openDecisionLog } from './decisions/decision-log.ts';
import { dryRun } from './decisions/dry-run.ts';
import { decideBy, denyAll } from './decisions/verdict.ts';
import { createPolicyDriver } from './driver/policy-driver.ts';
import { explain, statementRecord } from './explain.ts';
import { createLimitsWatch } from './limits/limits-watch.ts';
import { policyMigrations } from './migrations.ts';
import { checkSet, requireSet } from './sets/check-set.ts';
import { openInForce } from './sets/in-force.ts';
import { createPolicyStore, type Revision } from './sets/policy-store.ts';
import { readShippedPolicies } from './sets/shipped-policies.ts';
import { createStaging } from './sets/staging.ts';

const publicRevision = ({ defaults_of: _, ...revision }: Revision): PolicyRevision => revision;

/** The kernel with other shipped defaults than those of the product. */
export const definePolicyEngine = (
  readShipped: (profile: string) => Promise<PolicyFile[]> = readShippedPolicies,
) =>
  defineKernel({
    id: 'policy_engine',
    api: policyApi,
    config: { schema: policyConfig, fromProfile: configFromProfile },
    needs: policyNeeds,
    subscribes: [],
    migrations: policyMigrations,
    async init(context) {
      const { store, clock } = context;
      const policies = createPolicyStore(store, checksumOf);
      const inForce = await openInForce(context, policies, readShipped);
      const decisions = await openDecisionLog(context);
      const stage = createStaging(context, policies);
      const limits = createLimitsWatch(context, inForce);
      const driver = createPolicyDriver({ context, policies, inForce }, decisions);
      let watching: Promise<void> | undefined;

      /** The shipped defaults are told about, never put into force, when they are not what is in force. */
      const defaultsDetail = async (): Promise<string> => {
        const files = await readShipped(context.config.profile).catch(() => undefined);
        if (files === undefined) return '';
        const isSame = checksumOf(files) === inForce.now().revision.checksum;
        return isSame ? '' : `; they are not the shipped defaults of ${context.config.profile}`;
      };
      const otherDefaults = await defaultsDetail();

      return {
        handlers: {
          async getPolicies() {
            const { revision, set } = inForce.now();
            const items = (set?.statements ?? []).map(statementRecord);
            return { ...publicRevision(revision), items };
          },
          async getPolicyFiles({ revision: wanted }) {
            const found =
              wanted === undefined ? inForce.now().revision : await policies.revision(wanted);
            const stored = found && (await policies.find(found.checksum));
            if (!stored)
              throw new HoldfastError('policy_revision_not_found', { revision: wanted ?? 'any' });
            return { ...publicRevision(found), sources: [...stored.files] };
          },
          listPolicyRevisions: async ({ limit }) => ({
            items: (await policies.revisions(limit)).map(publicRevision),
          }),
          async validatePolicies({ files }) {
            const { set, problems } = await checkSet(files, clock.iso());
            return { ok: set !== undefined, problems: [...problems] };
          },
          async stagePolicies({ files }, call) {
            const set = await stage(files, call.principal.id);
            return { checksum: set.checksum, statements: set.statements.length };
          },
          explainPolicy: (input) => explain(context, inForce, decisions, input),
          dryRunPolicies: async ({ files, last }) =>
            dryRun(decisions, await requireSet(files, clock.iso()), last),
          async decidePolicies({ request, record }) {
            const { revision, set, broken } = inForce.now();
            const verdict = set
              ? decideBy(set, request, revision.revision)
              : denyAll(`the policies cannot be used: ${broken}`, revision.revision);
            if (record) decisions.record(request, verdict);
            return verdict;
          },
          ...driver,
        },
        start() {
          watching = limits.run();
        },
        async health() {
          const { revision, broken } = inForce.now();
          const words = `revision ${revision.revision}, ${revision.statements} statements`;
          const isOwn = revision.defaults_of === null ? '' : otherDefaults;
          const trouble = broken ?? (await loadedTrouble());
          return [
            { name: 'policies', ok: trouble === undefined, detail: trouble ?? `${words}${isOwn}` },
          ];
        },
        metrics: () => [
          '# TYPE holdfast_policy_revision gauge',
          `holdfast_policy_revision ${inForce.now().revision.revision}`,
          '# TYPE holdfast_policy_decisions_lost_total counter',
          `holdfast_policy_decisions_lost_total ${decisions.lost()}`,
        ],
        async stop() {
          await watching;
          await decisions.settled();
        },
      };
    },
  });

export const policyEngine = definePolicyEngine();
