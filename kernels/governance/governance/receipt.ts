import { isAtLeast, isReceipt, isTransient, type Turn } from '@holdfast/change';
import { EVENT_TYPES, HoldfastError, isHoldfastError, type Event } from '@holdfast/contracts';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';

type ReceiptParts = Pick<Parts, 'context' | 'ledgerKey'>;

/** Whether a change may only be applied once the ledger has signed for the decision that allowed it. */
export const needsReceipt = ({ change, notes }: ChangeRecord): boolean =>
  !notes.automatic && isAtLeast(change.risk ?? 'critical', 'medium');

/** The time of the decision that an event announces; undefined where only its digest went to the ledger. */
const decidedAt = (data: Readonly<Record<string, unknown>>): unknown =>
  (data['decision'] as { readonly decided_at?: unknown } | undefined)?.decided_at;

type Wanted = Pick<ChangeRecord, 'change'>;

/** Whether an event says that exactly this plan may be applied now. */
const isDecision = (
  { change }: Wanted,
  { type, correlationid, data }: Pick<Event, 'type' | 'correlationid' | 'data'>,
): boolean => {
  const at = decidedAt(data) ?? change.gate?.decided_at;
  return (
    type === EVENT_TYPES.changeDecided &&
    correlationid === change.id &&
    data['to'] === 'approved' &&
    data['plan_hash'] === change.plan?.hash &&
    at === change.gate?.decided_at
  );
};

/**
 * Whether the decision by which this plan is applied is in the ledger under a checkpoint that the ledger signed. What it
 * lists only says where to look: what counts is the text that is proven.
 */
const hasSigned = async (
  { context: { needs, signal }, ledgerKey }: ReceiptParts,
  record: Wanted,
): Promise<boolean> => {
  const { items } = await needs.ledger.listEntries(
    { correlation: record.change.id, type: EVENT_TYPES.changeDecided, limit: 10 },
    { signal },
  );
  const entry = items.find(({ event }) => isDecision(record, event));
  if (!entry) return false;
  const proof = await needs.ledger.getProof({ id: entry.id }, { signal });
  return isReceipt(proof, (event) => isDecision(record, event), ledgerKey.trusts);
};

/** As long as the ledger cannot be asked there is no receipt. */
export const hasReceipt = async (parts: ReceiptParts, record: ChangeRecord): Promise<boolean> => {
  try {
    return await hasSigned(parts, record);
  } catch (error) {
    if (
      parts.context.signal.aborted ||
      !(isTransient(error) || isHoldfastError(error, 'entry_not_found'))
    )
      throw error;
    return false;
  }
};

/** Between looks for a receipt: an event takes some milliseconds from here to the ledger. */
const POLL: Turn = { wait_ms: 10 };
const LATE: Turn = { wait_ms: 250 };
/** Longer than that is worth a word in the record. */
const LATE_MS = 1_000;

/** Waits for the receipt of a decision, and says so once that takes longer than events usually need. */
export const awaitReceipt = async (parts: Parts, record: ChangeRecord): Promise<Turn> => {
  const { change } = record;
  const decided = Date.parse(change.gate?.decided_at ?? '');
  if (parts.context.clock.now() - decided < LATE_MS) return POLL;
  if (change.reasons.some(({ code }) => code === 'receipt_missing')) return LATE;
  const detail =
    parts.ledgerKey.problem() ?? 'the decision is not in the ledger under a signed checkpoint yet';
  const { code, message } = new HoldfastError('receipt_missing', { detail });
  await parts.changes.commit(record, {
    actor: ENGINE,
    patch: { reasons: [{ code, detail: message }] },
  });
  return LATE;
};
