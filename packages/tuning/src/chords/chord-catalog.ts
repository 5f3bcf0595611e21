export const CATALOG_VERSION = 'chord_catalog.v1';

/** A chord of risk tier `advanced` needs an approval of its own. */
export type RiskTier = 'safe' | 'advanced';

export interface ChordBudget {
  readonly max_changes_per_hour?: number;
  readonly require_comm_telemetry?: boolean;
  readonly emergency_only?: boolean;
  readonly [field: string]: unknown;
}

/** A rule under which knobs may be moved: guard rails only, never target values. */
export interface Chord {
  readonly id: string;
  readonly intent: string;
  readonly risk_tier: RiskTier;
  readonly required_signals: readonly string[];
  readonly invariants: readonly string[];
  readonly knobs_touched: readonly string[];
  /** Least time between two changes under this chord on one workload. */
  readonly cooldown_ms?: number;
  readonly budget?: ChordBudget;
}

export interface ChordCatalog {
  readonly schema_version: typeof CATALOG_VERSION;
  readonly chords: readonly Chord[];
}

export const chordOf = (catalog: ChordCatalog, id: string): Chord | undefined =>
  catalog.chords.find((chord) => chord.id === id);
