/** What one session of tuning may do. `chords` and `knobs` are names; limits are those of one step. */
export interface Passport {
  readonly schema_version: 'passport.v0';
  readonly name: string;
  readonly description: string;
  readonly allowed_chords: readonly string[];
  readonly allowed_actuators: { readonly hot: readonly string[]; readonly cold: readonly string[] };
  readonly limits: {
    readonly cooldown_s: number;
    readonly max_delta_per_step: number;
    readonly relock_stable_intervals: number;
    readonly knob_limits: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
  };
  readonly invariants: readonly string[];
  readonly cooldowns: Readonly<Record<string, number>>;
  readonly gates: readonly string[];
}

const GATES = ['kill_switch', 'license', 'verify'];
const HOLD = ['NORMAL-HOLD', 'RECOVER', 'RELOCK'];

const passport = (
  name: string,
  description: string,
  rest: Partial<Omit<Passport, 'limits'>> & { readonly limits?: Partial<Passport['limits']> },
): Passport => ({
  schema_version: 'passport.v0',
  name,
  description,
  allowed_chords: HOLD,
  allowed_actuators: { hot: [], cold: [] },
  invariants: ['keep_global_batch_stable'],
  cooldowns: {},
  gates: GATES,
  ...rest,
  limits: {
    cooldown_s: 300,
    max_delta_per_step: 0,
    relock_stable_intervals: 2,
    knob_limits: {},
    ...rest.limits,
  },
});

const BATCH_LIMITS = {
  grad_accum_steps: { min: 1, max: 16 },
  microbatch_size: { min: 8, max: 64 },
};

/** The passports that ship, by their name. */
export const PASSPORTS: Readonly<Record<string, Passport>> = {
  comm: passport('comm', 'Leaves compute alone; communication buckets need a restart.', {
    allowed_actuators: { hot: [], cold: ['comm_bucket_mb'] },
    limits: { knob_limits: { comm_bucket_mb: { min: 32, max: 256 } } },
  }),
  cost: passport('cost', 'Trades speed for fewer wasted GPU hours, in small steps.', {
    allowed_chords: [...HOLD, 'DRIFT-RETUNE', 'BURST-ABSORB'],
    allowed_actuators: { hot: ['concurrency'], cold: ['grad_accum_steps', 'microbatch_size'] },
    limits: { cooldown_s: 600, knob_limits: BATCH_LIMITS },
    cooldowns: { 'DRIFT-RETUNE': 900 },
  }),
  io: passport('io', 'Tunes the input pipeline and nothing else.', {
    allowed_chords: [...HOLD, 'INPUT-STRAGGLER', 'BURST-ABSORB'],
    allowed_actuators: { hot: ['dataloader_num_workers', 'dataloader_prefetch_factor'], cold: [] },
    invariants: ['protect_input_pipeline'],
    limits: {
      cooldown_s: 120,
      max_delta_per_step: 2,
      knob_limits: {
        dataloader_num_workers: { min: 1, max: 8 },
        dataloader_prefetch_factor: { min: 1, max: 4 },
      },
    },
  }),
  perf: passport('perf', 'All safe chords, with short cool-downs.', {
    allowed_chords: [...HOLD, 'DRIFT-RETUNE', 'BURST-ABSORB', 'INPUT-STRAGGLER'],
    allowed_actuators: {
      hot: ['concurrency', 'dataloader_num_workers', 'dataloader_prefetch_factor'],
      cold: ['grad_accum_steps', 'microbatch_size'],
    },
    limits: { cooldown_s: 60, knob_limits: BATCH_LIMITS },
  }),
  pilot: passport('pilot', 'For a first look: it may propose a retune, one step at a time.', {
    allowed_chords: [...HOLD, 'DRIFT-RETUNE'],
    allowed_actuators: { hot: [], cold: ['grad_accum_steps', 'microbatch_size'] },
    limits: {
      cooldown_s: 1800,
      max_delta_per_step: 8,
      relock_stable_intervals: 4,
      knob_limits: BATCH_LIMITS,
    },
  }),
  recovery: passport('recovery', 'Brings a workload back to its stable profile.', {
    allowed_actuators: { hot: ['concurrency'], cold: [] },
    invariants: ['stability_before_relock'],
    limits: { cooldown_s: 30, relock_stable_intervals: 3 },
  }),
  safe: passport('safe', 'Holds what is: nothing is tuned.', {
    limits: { cooldown_s: 3600, relock_stable_intervals: 4 },
  }),
};
