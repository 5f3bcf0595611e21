import type { Observed } from '@holdfast/telemetry';
import {
  estimateOpportunity,
  summariseValue,
  type Signals,
  type ValueInputs,
} from '@holdfast/tuning';

const decimalOf = (text: string | undefined, pattern: RegExp): number | undefined => {
  const value = pattern.test(text?.trim() ?? '') ? Number(text) : Number.NaN;
  return Number.isFinite(value) && value >= 0 ? value : undefined;
};

/** What a GPU costs and how many there are, as the environment says; a value that is not usable counts as unset. */
const costOf = (env: NodeJS.ProcessEnv): Pick<ValueInputs, 'gpu_hour_usd' | 'gpu_count'> => ({
  gpu_hour_usd: decimalOf(env['MODEKEEPER_GPU_HOUR_USD'], /^\d+\.?\d*(e[+-]?\d+)?$|^\.\d+$/i),
  gpu_count: decimalOf(env['MODEKEEPER_GPU_COUNT'], /^\d+$/),
});

interface Seen {
  readonly observed: Observed;
  readonly signals: Signals;
}

/** What the estimates of value go by. */
export const valueInputs = ({ observed, signals }: Seen, env: NodeJS.ProcessEnv): ValueInputs => ({
  series: observed.series,
  signals,
  window_s: observed.window_s,
  ...costOf(env),
});

/** The fields of a report about what an incident may have cost. */
export const valueFields = (seen: Seen, env: NodeJS.ProcessEnv): object => {
  const inputs = valueInputs(seen, env);
  return { ...estimateOpportunity(inputs), value_summary: summariseValue(inputs) };
};
