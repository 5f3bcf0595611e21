import {
  isTerminal,
  targetKey,
  type Approval,
  type Change,
  type Principal,
} from '@holdfast/contracts';

/** What the engine remembers about a change beside what callers see. */
export interface Notes {
  /** The host as the author named it, by id or alias. */
  readonly asked_host: string;
  /** The author asked for an approval whatever the risk. */
  readonly forced_approval: boolean;
  /** This is the undo that a failed change demanded: its plan was approved as the inverses of that change. */
  readonly automatic: boolean;
  /** The change gave its hold on the host to its undo. */
  readonly handed_over: boolean;
  /** Failures in a row of what the engine tries now, and since when (RFC 3339). */
  readonly failures: number;
  readonly failing_since: string | null;
  /** Times that the plan was made again because the world had moved. */
  readonly replans: number;
  readonly run_started: boolean;
  readonly run_seq: number;
  /** When somebody asked for what was held to be applied. */
  readonly released_at: string | null;
  /** What its author was when it was proposed. */
  readonly author: Pick<Principal, 'kind' | 'role'>;
  /** Other principals who made the token that it was proposed with. */
  readonly author_makers: readonly string[];
  /** Who let the run go on, by the key of the approval step. */
  readonly step_approvals: Readonly<Record<string, readonly Approval[]>>;
}

export const freshNotes: Notes = {
  asked_host: '',
  forced_approval: false,
  automatic: false,
  handed_over: false,
  failures: 0,
  failing_since: null,
  replans: 0,
  run_started: false,
  run_seq: 0,
  released_at: null,
  author: { kind: 'ai', role: 'viewer' },
  author_makers: [],
  step_approvals: {},
};

export interface ChangeRecord {
  readonly change: Change;
  readonly notes: Notes;
}

export const authorOf = ({ change, notes }: ChangeRecord) => ({
  id: change.proposed_by,
  makers: notes.author_makers,
});

export const hostOf = (change: { readonly target: Readonly<Record<string, string>> }): string =>
  change.target['host'] ?? '';

/** The target that a change keeps others away from, or null. */
export const heldTarget = ({ change, notes }: ChangeRecord): string | null =>
  isTerminal(change.state) || notes.handed_over ? null : targetKey(change.target);

export interface NewChange {
  readonly id: string;
  readonly kind: Change['kind'];
  readonly target: Record<string, string>;
  readonly intent: Record<string, unknown>;
  readonly proposed_by: string;
  readonly now: number;
  readonly ttl_s: number;
  readonly reverts?: string;
  readonly held?: boolean;
}

/** A change as it is born: proposed, version 1. */
export const newChange = (draft: NewChange): Change => {
  const created_at = new Date(draft.now).toISOString();
  return {
    id: draft.id,
    kind: draft.kind,
    state: 'proposed',
    risk: null,
    risk_reasons: [],
    reasons: [],
    target: draft.target,
    intent: draft.intent,
    plan: null,
    verify: null,
    gate: null,
    approvals: [],
    challenges: [],
    held: draft.held ?? false,
    active_at: null,
    steps: [],
    observation: null,
    reverts: draft.reverts ?? null,
    reverted_by: null,
    proposed_by: draft.proposed_by,
    created_at,
    updated_at: created_at,
    expires_at: new Date(draft.now + draft.ttl_s * 1000).toISOString(),
    finished_at: null,
    version: 1,
  };
};
