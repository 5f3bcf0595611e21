import type { PlanStep, StepAction } from '@holdfast/contracts';

export type Installed = Record<string, string>;

export const HOSTS = ['box_1', 'box_2'] as const;
/** Another name of the first host. */
export const ALIAS = 'local';
export const PACKAGES = ['ash', 'birch', 'cedar'] as const;
export const VERSIONS = ['1.0.0', '1.1.0', '2.0.0'] as const;

export const hostIdOf = (name: string): string | undefined => {
  if (name === ALIAS) return HOSTS[0];
  return HOSTS.find((host) => host === name);
};

export interface Operation {
  readonly package: string;
  readonly from: string | null;
  readonly to: string | null;
}

const ENVIRONMENT = '/srv/venv';

const actionOf = (name: string, from: string | null, to: string | null): StepAction => ({
  driver: 'pip',
  action: 'packages.apply',
  params: {
    environment: ENVIRONMENT,
    operations: [{ package: name, from, to }],
    options: [],
  },
});

/** The one operation of a step of this world. */
export const operationOf = (action: StepAction): Operation =>
  (action.params['operations'] as Operation[])[0]!;

/** A step that brings one package to a version; `toward`: that is what was declared. */
export const stepFor = (
  name: string,
  from: string | null,
  to: string,
  toward: boolean,
  hasInverse: boolean,
): PlanStep => {
  const isDown = from !== null && from > to;
  const movement = from === null ? 'install' : isDown ? 'downgrade' : 'upgrade';
  return {
    key: `pip-${name}`,
    summary: `put ${name} at ${to}`,
    do: actionOf(name, from, to),
    inverse: hasInverse ? actionOf(name, to, from) : null,
    inverse_summary: `put ${name} back to ${from ?? 'not installed'}`,
    effect: {
      toward_baseline: toward,
      movement,
      major: from !== null && from.split('.')[0] !== to.split('.')[0],
      targets: 1,
    },
  };
};

/** Names the state of the packages that these steps are about. */
export const revisionOf = (
  host: string,
  installed: Installed,
  steps: readonly PlanStep[],
): string =>
  `${host} ${[...new Set(steps.map((step) => operationOf(step.do).package))]
    .toSorted()
    .map((name) => `${name}=${installed[name] ?? 'none'}`)
    .join(' ')}`;
