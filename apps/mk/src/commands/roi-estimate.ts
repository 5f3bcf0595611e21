import { observeFile } from '@holdfast/telemetry';
import { detectSignals } from '@holdfast/tuning';
import { openOutDir } from '../artifacts/out-dir.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { valueFields, valueInputs } from '../loop/value-fields.ts';
import { potentialNotes, potentialOf } from '../roi/potential.ts';
import type { roiEstimateFlags } from '../table/roi-flags.ts';

/** What tuning could give back on a recording. The same file and the same prices give the same report. */
export const roiEstimate: CommandRun<typeof roiEstimateFlags> = async (flags, context) => {
  const { env, now, print } = context;
  const observed = await observeFile(flags['observe-path']);
  const out = openOutDir(flags.out, now);
  const signals = detectSignals(observed.series);
  const inputs = valueInputs({ observed, signals }, env);
  let slowest: number | null = null;
  observed.series.each('latency_ms', (latency) => {
    slowest = Math.max(slowest ?? latency, latency);
  });
  const potential = potentialOf(inputs);
  const { latestPath } = out.report('roi_estimate', {
    schema_version: 'roi_estimate.v0',
    observe_source: flags['observe-source'],
    observe_path: flags['observe-path'],
    summary: { samples: observed.series.length, max_ms: slowest, signals },
    potential,
    notes: potentialNotes(inputs),
    ...valueFields({ observed, signals }, env),
  });
  const [least, most] = potential.latency_reduction_pct_range;
  print(`step time could fall by ${least} to ${most} percent: ${latestPath}`);
  return EXIT.done;
};
