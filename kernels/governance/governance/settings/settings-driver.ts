import {
  HoldfastError,
  isHoldfastError,
  type Observation,
  type Plan,
  type StepAction,
  type StepResult,
} from '@holdfast/contracts';
import { createFenceGuard } from '@holdfast/sdk';
import type { GovernanceContext, LocalDriver } from '../context.ts';
import { readIntent, putParamsSchema, type PutParams } from './settings-intent.ts';
import { PUT, SETTINGS_DRIVER, UNHEALTHY, planSettings } from './settings-plan.ts';
import { wantedSettings, type Wanted } from './wanted-settings.ts';

const POLL_MS = 100;
/** A process that was just replaced may still be on its way up. */
const SETTLE_MS = 10_000;
const TARGET = 'profile';
/** What has no process, and what has one that does its work. */
const SOUND = new Set(['healthy', 'idle', 'not_installed', 'not_started']);

const isTransient = (error: unknown): boolean =>
  isHoldfastError(error, 'kernel_unavailable') || isHoldfastError(error, 'kernel_timeout');

const paramsOf = ({ driver, action, params }: StepAction): PutParams => {
  const parsed = putParamsSchema.safeParse(params);
  if (driver === SETTINGS_DRIVER && action === PUT && parsed.success) return parsed.data;
  throw new HoldfastError('invalid_input', { detail: `no step of settings: ${driver} ${action}` });
};

const stepOf = (plan: Plan): PutParams => paramsOf(plan.steps[0]!.do);

const failed = (code: string, detail: string): StepResult => ({ status: 'failed', code, detail });
const running = (detail: string): StepResult => ({ status: 'running', detail });

const movedOn = (now: string, { from }: PutParams): string =>
  `the settings are of revision ${now.slice(0, 12)}, and this leads only on from ${from.slice(0, 12)}: what came after it has to be undone first`;

interface Options {
  readonly context: GovernanceContext;
  /** A plan was made of what somebody wants. */
  planned(change: string, wanted: Wanted): Promise<void>;
}

/** The driver of changes of kind `config`: the guardian puts settings in force, this decides which and watches it. */
export const createSettingsDriver = ({ context, planned }: Options): LocalDriver => {
  const { clock, store, needs } = context;
  const { guardian } = needs;
  const fences = createFenceGuard(store, clock);

  /** One try to bring the settings on their way; what cannot be asked now is asked again. */
  const tryPut = async (run: string, params: PutParams, signal: AbortSignal) => {
    const { profile, overrides, from } = params;
    const wanted = { profile, overrides, change: run, expected_revision: from };
    const answer = await guardian.putConfig(wanted, { signal });
    const names = answer.replaced.join(', ') || 'nothing had to be replaced';
    if (!answer.settled) return running(`being replaced: ${names}`);
    return { status: 'succeeded', detail: `in force: ${names}` } as const;
  };

  const putOnce = (run: string, params: PutParams, signal: AbortSignal): Promise<StepResult> =>
    tryPut(run, params, signal).catch((error: unknown) => {
      if (!isHoldfastError(error)) throw error;
      if (error.code === 'plan_stale')
        return failed(error.code, movedOn(String(error.details['revision']), params));
      return isTransient(error)
        ? running('waiting for the guardian')
        : failed(error.code, error.message);
    });

  const observe = async (to: string, signal: AbortSignal) => {
    const until = clock.now() + SETTLE_MS;
    for (;;) {
      const seen = await guardian.getActiveConfig({}, { signal });
      if (seen.settled || seen.active.revision !== to || clock.now() >= until) return seen;
      await clock.sleep(POLL_MS, signal);
    }
  };

  return {
    async planChange({ change, target, intent }, { signal }) {
      if (target['config'] !== TARGET)
        throw new HoldfastError('plan_failed', { detail: `there are no settings of that name` });
      const wanted = await wantedSettings(guardian, readIntent(intent), signal);
      if (wanted.revision === wanted.active.revision)
        throw new HoldfastError('plan_failed', { detail: 'every value is so already' });
      await planned(change, wanted);
      return planSettings(wanted, target, clock.iso());
    },
    async verifyPlan({ plan }, { signal }) {
      const params = stepOf(plan);
      const { profile, overrides, from, to } = params;
      const { active } = await guardian.getActiveConfig({}, { signal });
      const problem = [from, to].includes(active.revision)
        ? await guardian.checkConfig({ profile, overrides }, { signal }).then(
            () => undefined,
            (error: unknown) => {
              if (!isHoldfastError(error) || isTransient(error)) throw error;
              return error.message;
            },
          )
        : movedOn(active.revision, params);
      const ok = problem === undefined;
      return {
        plan_hash: plan.hash,
        ok,
        world_revision: active.revision,
        checks: [{ step: plan.steps[0]!.key, ok, detail: problem ?? 'the settings are valid' }],
        verified_at: clock.iso(),
      };
    },
    async applyStep({ run, action, wait_ms, fence }, { signal }) {
      const params = paramsOf(action);
      const until = clock.now() + wait_ms;
      for (;;) {
        // Each time: an engine that was overtaken while it waited must not put anything any more.
        await fences.check(run, fence);
        const result = await putOnce(run, params, signal);
        if (result.status !== 'running' || signal.aborted || clock.now() >= until) return result;
        await clock.sleep(POLL_MS, signal);
      }
    },
    async sampleSignals(_, { signal }) {
      const at = clock.iso();
      try {
        const status = await guardian.getGuardianStatus({}, { signal });
        const ill = [...status.kernels, ...status.processes].filter(
          (one) => !SOUND.has(one.status),
        );
        return { at, values: { [UNHEALTHY.name]: ill.length } };
      } catch (error) {
        if (!isTransient(error)) throw error;
        return { at, values: { [UNHEALTHY.name]: null } };
      }
    },
    async observeChange({ plan, undone }, { signal }): Promise<Observation> {
      const { inverse } = plan.steps[0]!;
      const { to } = undone && inverse !== null ? paramsOf(inverse) : stepOf(plan);
      const { active, settled } = await observe(to, signal);
      const isThere = active.revision === to;
      const difference = isThere
        ? 'not every process runs with the settings yet'
        : `the settings are of revision ${active.revision}, planned was ${to}`;
      const ok = isThere && settled;
      return {
        status: ok ? 'as_planned' : 'different',
        world_revision: active.revision,
        detail: ok ? '' : difference,
        differences: ok ? [] : [difference],
        observed_at: clock.iso(),
      };
    },
  };
};
