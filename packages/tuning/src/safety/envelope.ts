import { chordOf, type ChordCatalog } from '../chords/chord-catalog.ts';
import type { Action } from '../policies/action.ts';

export type EnvelopeReason = 'unknown_chord' | 'approval_required';

/** Knobs that need an approval under whatever chord they are moved. */
const ADVANCED_KNOBS: ReadonlySet<string> = new Set(['timeout_ms', 'comm_bucket_mb']);

export interface EnvelopeOptions {
  readonly catalog: ChordCatalog;
  /** An approval is asked for only when the actions are to be applied. */
  readonly applying: boolean;
  readonly approveAdvanced: boolean;
}

export interface Split<Reason extends string> {
  allowed: Action[];
  blocked: { action: Action; reason: Reason }[];
}

const reasonOf = (action: Action, options: EnvelopeOptions): EnvelopeReason | undefined => {
  const chord = chordOf(options.catalog, action.chord);
  if (chord === undefined) return 'unknown_chord';
  if (!options.applying || options.approveAdvanced) return undefined;
  const advanced = chord.risk_tier !== 'safe' || ADVANCED_KNOBS.has(action.knob);
  return advanced ? 'approval_required' : undefined;
};

/** Parts the actions that the catalog lets through from those it does not. Both keep their order. */
export const splitByEnvelope = (
  actions: readonly Action[],
  options: EnvelopeOptions,
): Split<EnvelopeReason> => {
  const split: Split<EnvelopeReason> = { allowed: [], blocked: [] };
  for (const action of actions) {
    const reason = reasonOf(action, options);
    if (reason === undefined) split.allowed.push(action);
    else split.blocked.push({ action, reason });
  }
  return split;
};
