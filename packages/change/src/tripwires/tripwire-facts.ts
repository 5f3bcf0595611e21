import type { Change, Plan, Principal } from '@holdfast/contracts';
import type { Look } from './look-through.ts';

/**
 * What the hard rules look at. Everything is recorded with a case, so that the same facts give the same hits again.
 *
 * Beside the fixed fields, rules read these members of an intent or of the parameters of a step, at any depth and in any
 * spelling (`block_stop`, `blockStop`). A planner that knows such a fact about what it plans has to write it there:
 *
 * - `capabilities`, `permissions`, `requires`, `provides`, `grants`, `class`: names of what a thing can do or asks for (T1)
 * - `claims` with `evidence` beside it; `custody`: list of { digest, previous }; `health`: { reported, probed } (T2)
 * - `mandatory`, `silent`; `consent`: { by, scope, expires_at } or { state: 'red', reason } (T3)
 * - `block_stop` and its kind; `hooks`: { stop: { timeout_ms } } (T4)
 * - `access` with `declared` beside it: { network, files, devices }; `telemetry`: { egress, opt_in } (T5)
 * - `writes`: list of what a unit writes; `self`: its id; `promote`: the model of a self-update (T7)
 * - `simulates` with `contract` beside it: { digest, signed_by, signature } (T8)
 * - `hosts`, `zones`, `canary`: { hosts or zones } (T9)
 * - `environment` and other paths; `calls` with `grants` beside it: `tenant:x`, `host:*` (T10)
 * - `identity`: { id, ... } of what gets another key, tier or constraint (T11)
 * - `interdictions`: { from, to }, the deny sets before and after an upgrade or rollback (T13)
 */
export interface TripwireFacts {
  readonly change: Pick<Change, 'id' | 'kind' | 'target' | 'intent' | 'reverts'>;
  readonly author: Pick<Principal, 'id' | 'kind' | 'role'>;
  readonly plan: Plan | undefined;
  /** When it is asked (RFC 3339): consents expire. Without it a consent that expires does not count. */
  readonly at?: string;
  /** The change that an undo undoes. An undo whose original is missing is a hit. */
  readonly original?: Pick<Change, 'id' | 'plan'>;
  /** Folders of this installation: its state and its program. */
  readonly own?: { readonly home?: string; readonly program?: string };
  readonly zones?: {
    /** Digests that failed, with the zones in which they did. */
    readonly failed: Readonly<Record<string, readonly string[]>>;
  };
  readonly lineage?: Lineage;
}

/** How the author came to be, where it was made by another unit; `created` counts what it has made itself. */
export interface Lineage {
  readonly depth: number;
  readonly created: number;
  readonly created_last_hour: number;
  readonly rights: readonly string[];
  readonly parent_rights: readonly string[] | undefined;
}

/** The facts with all that was found in intent, target and steps. */
export interface Seen {
  readonly facts: TripwireFacts;
  readonly look: Look;
}

/** Answers in words how one interdiction is broken, or nothing. Pure. */
export type Check = (seen: Seen) => string | undefined;

/** A hard rule. `interdictions`: what it forbids by name, with the check of each; a bound is part of the name. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly level: 'hard' | 'soft';
  readonly interdictions: Readonly<Record<string, Check>>;
  /** Interdictions whose hits ask for a review instead of forbidding. */
  readonly advisory?: readonly string[];
}

/** The first answer that a check gives about some items. */
export const firstOf = <T>(
  items: readonly T[],
  check: (item: T) => string | undefined,
): string | undefined => {
  for (const item of items) {
    const answer = check(item);
    if (answer !== undefined) return answer;
  }
  return undefined;
};
