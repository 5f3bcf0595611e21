import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  governanceApi,
  kernelPrincipal,
  type ConfigEntry,
  type Plan,
  type StepResult,
} from '@holdfast/contracts';
import { classRule, testProfile, type WorldOptions } from '@holdfast/testkit';
import { createGovernanceWorld } from '../../test-support/governance-world.ts';
import { createFakeGuardian, type FakeGuardian } from './fake-guardian.ts';

const ENGINE = kernelPrincipal('workflow_engine');

interface Kept {
  readonly home?: string;
  readonly guardian?: FakeGuardian;
  readonly profile?: string;
  readonly options?: Partial<WorldOptions>;
}

/** Governance over a fake guardian, with a workflow engine that carries its plans out. */
export const createSettingsWorld = async (kept: Kept = {}) => {
  const home = kept.home ?? mkdtempSync(join(tmpdir(), 'holdfast-settings-'));
  const guardian = kept.guardian ?? (await createFakeGuardian(kept.profile));
  /** While it is set, no step is started. */
  const engine = { held: false, runs: [] as Promise<void>[] };

  const carryOut = async (id: string, plan: Plan): Promise<void> => {
    const api = base.world.client(governanceApi, ENGINE);
    const step = plan.steps[0]!;
    const progress = (state: 'running' | 'succeeded' | 'failed', outcome: string | null) => ({
      key: step.key,
      state,
      attempts: 1,
      outcome,
      started_at: new Date().toISOString(),
      finished_at: null,
    });
    const report = (seq: number, more: object) =>
      api.reportRun({
        id,
        seq,
        state: 'applying',
        steps: [progress('running', null)],
        observation: null,
        detail: '',
        needs_revert: false,
        ...more,
      });
    await report(1, {});
    let result: StepResult;
    do {
      await turn();
      result = await api.applyStep({
        run: id,
        step: step.key,
        target: plan.target,
        action: step.do,
        timeout_ms: plan.timeout_ms,
        wait_ms: 0,
        fence: 1,
      });
    } while (result.status === 'running');
    const ok = result.status === 'succeeded';
    const steps = [progress(ok ? 'succeeded' : 'failed', result.detail)];
    if (ok) {
      const observation = await api.observeChange({ plan, undone: false });
      await report(2, { state: 'watching', steps });
      await report(3, { state: 'done', steps, observation });
    } else
      await report(2, {
        state: 'failed',
        steps,
        code: result.code,
        detail: result.detail,
        needs_revert: true,
      });
  };

  const startRun = ({ id, plan }: { id: string; plan: Plan }): object => {
    if (!engine.held) engine.runs.push(carryOut(id, plan));
    return {};
  };

  const base = await createGovernanceWorld({
    home,
    profile: testProfile({
      gate: {
        ...testProfile().gate,
        classes: { standard: classRule(), security: classRule(), covenant: classRule() },
      },
    }),
    doubles: { guardian: guardian.ops, workflow_engine: { startRun } },
    ...kept.options,
  });
  const path = join(home, 'configs', 'pending.json');
  return {
    ...base,
    home,
    guardian,
    engine,
    pendingFile: (): ConfigEntry => JSON.parse(readFileSync(path, 'utf8')) as ConfigEntry,
    pendingText: (): string => readFileSync(path, 'utf8'),
    sample: (plan: Plan) => base.world.client(governanceApi, ENGINE).sampleSignals({ plan }),
    async close(keep = false) {
      await Promise.all(engine.runs);
      await base.world.close({ keep: true });
      if (!keep) rmSync(home, { recursive: true, force: true });
    },
  };
};

export type SettingsWorld = Awaited<ReturnType<typeof createSettingsWorld>>;
