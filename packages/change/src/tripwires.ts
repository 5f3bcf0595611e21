import type { Plan } from '@holdfast/contracts';

/** A hard rule: answers which step breaks it and how, or nothing. */
interface Tripwire {
  readonly name: string;
  check(plan: Plan): string | undefined;
}

const environmentsOf = (plan: Plan): { key: string; environment: unknown }[] =>
  plan.steps.flatMap((step) =>
    [step.do, step.inverse].flatMap((action) =>
      action?.action === 'packages.apply'
        ? [{ key: step.key, environment: action.params['environment'] }]
        : [],
    ),
  );

const isAbsolutePath = (value: unknown): boolean =>
  typeof value === 'string' && /^(\/|[A-Za-z]:[\\/])/.test(value);

/** Rules that no profile, token, vote or policy reaches. They are code so that weakening one is a reviewed diff. */
const TRIPWIRES: readonly Tripwire[] = [
  {
    name: 'isolated_environments_only',
    check: (plan) => {
      const bad = environmentsOf(plan).find(({ environment }) => !isAbsolutePath(environment));
      return bad && `step ${bad.key} would change packages outside an isolated environment`;
    },
  },
  {
    name: 'distinct_step_keys',
    check: (plan) => {
      const keys = plan.steps.map((step) => step.key);
      const twice = keys.find((key, index) => keys.indexOf(key) !== index);
      return twice === undefined ? undefined : `two steps share the key ${twice}`;
    },
  },
];

/** Which hard rules a plan breaks, in words; empty when none. */
export const brokenTripwires = (plan: Plan): string[] =>
  TRIPWIRES.flatMap((tripwire) => {
    const broken = tripwire.check(plan);
    return broken === undefined ? [] : [`${tripwire.name}: ${broken}`];
  });
