import {
  HoldfastError,
  type DraftPlan,
  type OpParsed,
  type StepAction,
  type changeDriverOps,
} from '@holdfast/contracts';
import * as z from 'zod';
import type { PolicyContext } from '../config.ts';
import type { InForce, Standing } from '../sets/in-force.ts';
import type { PolicyStore } from '../sets/policy-store.ts';

export const DRIVER = 'policy_engine';
export const SET_ACTION = 'policy.set';
export const TARGET = { policy: 'set' } as const;

const TIMEOUT_MS = 120_000;

/** What a change of kind `policy` asks for: a staged set, or the set of an earlier revision. */
const intentSchema = z.union([
  z.strictObject({ draft: z.string().min(1).max(100) }),
  z.strictObject({ rollback_to: z.number().int().min(1) }),
]);

/** What a step does: it puts the set `to` in the place of the set `from`. Checksums. */
export interface SetAction {
  readonly to: string;
  readonly from: string;
}

const actionSchema = z.object({ to: z.string().min(1).max(100), from: z.string().max(100) });

export const readAction = ({ driver, action, params }: StepAction): SetAction => {
  const parsed = actionSchema.safeParse(params);
  if (driver === DRIVER && action === SET_ACTION && parsed.success) return parsed.data;
  const detail = `the policies have no step ${driver} ${action} with these parameters`;
  throw new HoldfastError('invalid_input', { detail });
};

/** The world of policies: what is in force, as which revision. */
export const worldOf = ({ revision }: Standing): string =>
  `${revision.revision}:${revision.checksum}`;

const short = (checksum: string): string => checksum.slice(0, 12);

export interface DriverParts {
  readonly context: PolicyContext;
  readonly policies: PolicyStore;
  readonly inForce: InForce;
}

const wantedChecksum = async (
  { policies }: DriverParts,
  intent: unknown,
): Promise<{ checksum: string; words: string }> => {
  const parsed = intentSchema.safeParse(intent);
  if (!parsed.success) {
    const detail =
      'the intent of a change of policies is { draft: CHECKSUM } or { rollback_to: N }';
    throw new HoldfastError('invalid_input', { detail });
  }
  if ('draft' in parsed.data) {
    const { draft: checksum } = parsed.data;
    return { checksum, words: `put the policies ${short(checksum)} into force` };
  }
  const { rollback_to } = parsed.data;
  const revision = await policies.revision(rollback_to);
  if (!revision) throw new HoldfastError('policy_revision_not_found', { revision: rollback_to });
  return {
    checksum: revision.checksum,
    words: `go back to the policies of revision ${rollback_to}`,
  };
};

const actionOf = (to: string, from: string): StepAction => ({
  driver: DRIVER,
  action: SET_ACTION,
  params: { to, from },
});

/** One step that can be set back; none when what is wanted is in force already. */
export const planPolicy = async (
  parts: DriverParts,
  { kind, intent }: OpParsed<(typeof changeDriverOps)['planChange']>,
): Promise<DraftPlan> => {
  if (kind !== 'policy')
    throw new HoldfastError('plan_failed', { detail: `${kind} is no kind of this kernel` });
  const { checksum, words } = await wantedChecksum(parts, intent);
  if (!(await parts.policies.find(checksum)))
    throw new HoldfastError('policy_draft_not_found', { checksum });
  const standing = parts.inForce.now();
  const before = standing.revision;
  const step = {
    key: 'policies',
    summary: words,
    do: actionOf(checksum, before.checksum),
    inverse: actionOf(before.checksum, checksum),
    inverse_summary: `put the policies of revision ${before.revision} back into force`,
    effect: {
      toward_baseline: false,
      movement: 'configure' as const,
      major: false,
      targets: 1,
      sensitive: true,
    },
  };
  return {
    target: TARGET,
    base: { revision: worldOf(standing), observed_at: parts.context.clock.iso() },
    steps: checksum === before.checksum ? [] : [step],
    timeout_ms: TIMEOUT_MS,
    class: 'covenant',
  };
};
