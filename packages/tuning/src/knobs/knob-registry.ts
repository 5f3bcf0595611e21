/** A setting of a training job that may be tuned: `min`, `min + step`, ... up to `max`. */
export interface Knob {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** What a job is taken to run with as long as nothing is known about it. */
  readonly start: number;
}

/** Every knob the engine may touch, by name. */
export const KNOBS: Readonly<Record<string, Knob>> = {
  dataloader_num_workers: { min: 1, max: 16, step: 1, start: 4 },
  dataloader_prefetch_factor: { min: 1, max: 8, step: 1, start: 2 },
  grad_accum_steps: { min: 1, max: 64, step: 1, start: 4 },
  microbatch_size: { min: 1, max: 256, step: 1, start: 32 },
  comm_bucket_mb: { min: 16, max: 512, step: 16, start: 128 },
  timeout_ms: { min: 1000, max: 60_000, step: 500, start: 5000 },
  concurrency: { min: 1, max: 64, step: 1, start: 8 },
};

export const knobOf = (name: string): Knob | undefined =>
  Object.hasOwn(KNOBS, name) ? KNOBS[name] : undefined;

/** Whether `value` is one that the knob can take. */
export const isKnobValue = (knob: Knob, value: number): boolean =>
  Number.isInteger(value) &&
  value >= knob.min &&
  value <= knob.max &&
  (value - knob.min) % knob.step === 0;
