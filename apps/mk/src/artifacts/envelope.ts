import { durationSeconds, secondStamp } from './times.ts';

/** The fields that every v0 report begins with. */
export interface Envelope {
  readonly schema_version: 'v0';
  readonly started_at: string;
  readonly finished_at: string;
  readonly duration_s: number;
  readonly out_dir: string;
  readonly mode?: string;
  readonly apply_requested: boolean;
  readonly dry_run: boolean;
}

/** `outDir` is echoed as it was given. A report without a mode leaves it out. */
export const envelope = (facts: {
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly outDir: string;
  readonly mode?: string;
  readonly apply: boolean;
}): Envelope => ({
  schema_version: 'v0',
  started_at: secondStamp(facts.startedMs),
  finished_at: secondStamp(facts.finishedMs),
  duration_s: durationSeconds(facts.startedMs, facts.finishedMs),
  out_dir: facts.outDir,
  ...(facts.mode === undefined ? {} : { mode: facts.mode }),
  apply_requested: facts.apply,
  dry_run: !facts.apply,
});
