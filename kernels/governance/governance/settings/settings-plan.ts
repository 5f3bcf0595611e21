import {
  leafPaths,
  valueAt,
  type DraftPlan,
  type PlanClass,
  type PlanStep,
  type SignalSpec,
} from '@holdfast/contracts';
import type { Json } from './merge-patch.ts';
import type { PutParams } from './settings-intent.ts';
import type { Wanted } from './wanted-settings.ts';

export const SETTINGS_DRIVER = 'config';
export const PUT = 'config.put';

/** Replacing everything one by one, some of it slowly. */
const TIMEOUT_MS = 300_000;
const SHOWN = 80;
const SHOWN_KEYS = 5;

/** Settings that bring a component down are undone by the watch. */
export const UNHEALTHY: SignalSpec = {
  name: 'unhealthy_components',
  unit: 'components',
  direction: 'lower_is_better',
  max_regression: 0,
  min_change: 0.5,
};

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
};

const words = (to: Json, from: Json): string => {
  const paths = leafPaths(to);
  const some = paths.slice(0, SHOWN_KEYS).map((path) => {
    const value = valueAt(to, path);
    const next = value === null ? 'as the profile has it' : shown(value);
    return `${path.join('.')} to ${next} (${shown(valueAt(from, path))} before)`;
  });
  const rest = paths.length - some.length;
  return `set ${some.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`.slice(0, 1_000);
};

const put = (params: PutParams): PlanStep['do'] => ({
  driver: SETTINGS_DRIVER,
  action: PUT,
  params: { ...params },
});

/** One step, with the settings before it as its inverse; either way only from the other. */
export const planSettings = (
  wanted: Wanted,
  target: Record<string, string>,
  observed_at: string,
): DraftPlan => {
  const { active, patch, before, dropped } = wanted;
  const leaves =
    dropped.length > 0 ? `; ${wanted.profile} does not take ${dropped.join(', ')}` : '';
  const step: PlanStep = {
    key: 'settings',
    summary: `${words(patch, before)}${leaves}`.slice(0, 1_000),
    do: put({
      profile: wanted.profile,
      overrides: wanted.overrides,
      from: active.revision,
      to: wanted.revision,
    }),
    inverse: put({
      profile: active.profile,
      overrides: active.overrides,
      from: wanted.revision,
      to: active.revision,
    }),
    inverse_summary: `put the settings of revision ${active.revision.slice(0, 12)} in force again`,
    effect: {
      toward_baseline: false,
      movement: 'configure',
      major: false,
      targets: 1,
      ...(wanted.isSecurity ? { sensitive: true } : {}),
    },
  };
  return {
    target,
    base: { revision: active.revision, observed_at },
    steps: [step],
    class: classOf(wanted),
    signals: [UNHEALTHY],
    timeout_ms: TIMEOUT_MS,
  };
};
const classOf = ({ isCovenant, isSecurity }: Wanted): PlanClass => {
  if (isCovenant) return 'covenant';
  return isSecurity ? 'security' : 'standard';
};
