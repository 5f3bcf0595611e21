import { makePlan, type RiskVerdict } from '@holdfast/change';
import { HoldfastError, targetKey, type DraftPlan, type Plan } from '@holdfast/contracts';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { riskOf } from './gate/risk-of.ts';
import type { Move } from './move.ts';
import { OWNER_TIMEOUT_MS, ownerClient, ownerIdOf } from './owners.ts';
import { undoDraft } from './undo.ts';

interface Drafted {
  readonly owner: string;
  readonly draft: DraftPlan;
}

/**
 * The undo is planned from the plan that it undoes, against the world as its owner sees it now. A provisional plan
 * says what to look at, so that the revision is about the same things as that of the dry run.
 */
const draftUndo = async (parts: Parts, { change }: ChangeRecord): Promise<Drafted> => {
  const { context } = parts;
  const { change: original } = await parts.changes.load(change.reverts!);
  const at = context.clock.iso();
  const draft = undoDraft(original, { revision: '', observed_at: at });
  const owner = original.plan!.owner;
  const plan = makePlan(draft, { change: change.id, kind: change.kind, owner, created_at: at });
  const options = { signal: context.signal, timeoutMs: OWNER_TIMEOUT_MS };
  const seen = await ownerClient(parts, owner, change.target).observeChange(
    { plan, undone: false },
    options,
  );
  const base = { revision: seen.world_revision, observed_at: seen.observed_at };
  return { owner, draft: { ...draft, base } };
};

export const draftAtOwner = async (parts: Parts, { change }: ChangeRecord): Promise<Drafted> => {
  const { id, kind, target, intent } = change;
  const owner = ownerIdOf(kind);
  const options = { signal: parts.context.signal, timeoutMs: OWNER_TIMEOUT_MS };
  const draft = await ownerClient(parts, owner, target).planChange(
    { change: id, kind, target, intent },
    options,
  );
  if (draft.steps.length === 0)
    throw new HoldfastError('nothing_to_do', { host: targetKey(target) });
  return { owner, draft };
};

const makeMove = (record: ChangeRecord, plan: Plan, { risk, reasons }: RiskVerdict): Move => {
  const steps = plan.steps.map(({ key }) => ({
    key,
    state: 'pending' as const,
    attempts: 0,
    outcome: null,
    started_at: null,
    finished_at: null,
  }));
  const isAgain = record.change.plan !== null;
  return {
    to: 'planned',
    actor: ENGINE,
    patch: { plan, risk, risk_reasons: reasons, steps, verify: null, target: plan.target },
    notes: { replans: record.notes.replans + (isAgain ? 1 : 0) },
    data: { plan, replanned: isAgain },
  };
};

/**
 * Plans a change, or plans it again, with its risk; nothing is written. The owner names the host by its id, so that a
 * change that came in under an alias meets the one that holds the host.
 */
export const planChange = async (parts: Parts, record: ChangeRecord): Promise<Move> => {
  const { change } = record;
  const { owner, draft } =
    change.reverts === null ? await draftAtOwner(parts, record) : await draftUndo(parts, record);
  const created_at = parts.context.clock.iso();
  const plan = makePlan(draft, { change: change.id, kind: change.kind, owner, created_at });
  return makeMove(record, plan, await riskOf(parts, record, plan));
};
