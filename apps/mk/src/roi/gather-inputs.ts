import { readObject } from '../artifacts/read-json.ts';

/** One report that an overview is made of. */
export interface RoiInput {
  readonly path: string;
  readonly found: boolean;
}

type Fields = Record<string, unknown>;

/** What the reports of a preflight, an eval and a watch say together; null for what none of them says. */
export interface RoiFacts {
  readonly inputs: Readonly<Record<'preflight' | 'eval' | 'watch', RoiInput>>;
  readonly preflight_ok: boolean | null;
  readonly top_blocker: string | null;
  /** Which report the value is taken from. */
  readonly value_from: 'eval' | 'watch' | null;
  readonly value: Fields;
  readonly totals: Readonly<Record<string, number | null>>;
}

const VALUE_FIELDS = [
  'opportunity_hours_est',
  'opportunity_tokens_est',
  'opportunity_usd_est',
  'opportunity_assumptions',
  'value_summary',
] as const;

const TOTALS = [
  'iterations_done',
  'proposed_total',
  'applied_total',
  'blocked_total',
  'verify_failed_total',
  'apply_attempted_total',
  'apply_ok_total',
  'apply_failed_total',
  'reverted_total',
  'revert_failed_total',
  'dry_run_total',
] as const;

const numberOf = (fields: Fields | undefined, name: string): number | null => {
  const value = fields?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

const hasValue = (fields: Fields | undefined): fields is Fields =>
  numberOf(fields, 'opportunity_hours_est') !== null;

/** A roll-up holds no value of its own: that of its last iteration counts. */
const lastIteration = (watch: Fields | undefined): Fields | undefined => {
  const paths = watch?.['artifact_paths'];
  const path =
    typeof paths === 'object' && paths !== null
      ? (paths as Fields)['last_iteration_report_path']
      : undefined;
  return typeof path === 'string' ? readObject(path) : undefined;
};

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const gatherInputs = (paths: {
  readonly preflight: string;
  readonly eval: string;
  readonly watch: string;
}): RoiFacts => {
  const preflight = readObject(paths.preflight);
  const evaluated = readObject(paths.eval);
  const watch = readObject(paths.watch);
  const iteration = lastIteration(watch);
  const watched = hasValue(iteration) ? 'watch' : null;
  const from = hasValue(evaluated) ? 'eval' : watched;
  const source = from === 'eval' ? evaluated : iteration;
  return {
    inputs: {
      preflight: { path: paths.preflight, found: preflight !== undefined },
      eval: { path: paths.eval, found: evaluated !== undefined },
      watch: { path: paths.watch, found: watch !== undefined },
    },
    preflight_ok: typeof preflight?.['ok'] === 'boolean' ? preflight['ok'] : null,
    top_blocker: textOf(preflight?.['top_blocker']),
    value_from: from,
    value: Object.fromEntries(
      VALUE_FIELDS.map((name) => [name, from === null ? null : (source?.[name] ?? null)]),
    ),
    totals: Object.fromEntries(TOTALS.map((name) => [name, numberOf(watch, name)])),
  };
};
