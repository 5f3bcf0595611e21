import * as z from 'zod';

/**
 * A number that is watched while a change settles. It has a direction, because "more" is worse for errors and better
 * for throughput. `max_regression`: how much worse, as a share of the baseline (0.1 = 10 %), still passes; `min_change`:
 * a difference smaller than this, in the unit of the signal, is never a regression.
 */
export const signalSpecSchema = z.object({
  name: z.string().min(1).max(100),
  unit: z.string().max(40),
  direction: z.enum(['higher_is_better', 'lower_is_better']),
  max_regression: z.number().min(0).max(10),
  min_change: z.number().min(0),
});
export type SignalSpec = z.infer<typeof signalSpecSchema>;

/** One look at all signals of a plan. Null: it could not be measured. */
export const signalSampleSchema = z.object({
  at: z.iso.datetime(),
  values: z.record(z.string(), z.number().nullable()),
});
export type SignalSample = z.infer<typeof signalSampleSchema>;
