/** One step of a policy: set `knob` to `target`. `chord` names the rule of the catalog it stands under. */
export interface Action {
  knob: string;
  target: number | string;
  reason: string;
  chord: string;
}

/** Where several actions set one knob, the last one counts. */
export const targetsOf = (actions: readonly Action[]): Map<string, number | string> =>
  new Map(actions.map((action) => [action.knob, action.target]));
