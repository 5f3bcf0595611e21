import { CATALOG } from '../chords/catalog.ts';
import type { ChordCatalog } from '../chords/chord-catalog.ts';
import { integerOf } from '../knobs/knob-annotation.ts';
import { proposeChords, DRIFT_TARGETS } from '../policies/chord-policy.ts';
import { fitGlobalBatch } from '../safety/fit-global-batch.ts';
import type { WorkloadState } from '../safety/workload-state.ts';
import { signalsOf, type Signals } from './detect-signals.ts';

export interface KnobDrift {
  readonly drift: boolean;
  /** Text of the annotation by knob, null where there is none. */
  readonly observed_knobs: Readonly<Record<string, string | null>>;
  readonly targets: Readonly<Record<string, number>>;
}

const DRIFT_ONLY = { drift: true, burst: false, straggler: false, gpu_saturated: false };
const NOTHING = { ...DRIFT_ONLY, drift: false };

/** What drift would be answered with: on a workload that declares its batch, values that make up just that. */
const targetsFor = (
  state: WorkloadState | undefined,
  catalog: ChordCatalog,
): Record<string, number> => {
  if (state?.global_batch === undefined) return { ...DRIFT_TARGETS };
  const fitted = fitGlobalBatch(proposeChords(signalsOf(DRIFT_ONLY)), {
    catalog,
    state: { ...state, knobs: {} },
  });
  return Object.fromEntries(fitted.map((action) => [action.knob, Number(action.target)]));
};

/** Compares the knobs that a workload runs with (as text, by knob) to those that the policy would set. */
export const compareKnobs = (
  observed: Readonly<Record<string, string>>,
  state?: WorkloadState,
  catalog: ChordCatalog = CATALOG,
): KnobDrift => {
  const targets = targetsFor(state, catalog);
  return {
    drift: Object.entries(targets).some(([knob, target]) => integerOf(observed[knob]) !== target),
    observed_knobs: Object.fromEntries(
      Object.keys(targets).map((knob) => [knob, observed[knob] ?? null]),
    ),
    targets,
  };
};

/** The signals of a workload that is compared by its knobs instead of its telemetry. */
export const knobDriftSignals = ({ drift }: KnobDrift): Signals =>
  signalsOf(
    drift ? DRIFT_ONLY : NOTHING,
    drift ? ['k8s_deployment_template_knobs', 'k8s_knob_drift'] : [],
  );
