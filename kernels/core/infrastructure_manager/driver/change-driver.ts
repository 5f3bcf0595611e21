import {
  HoldfastError,
  type DraftPlan,
  type OpParsed,
  type Plan,
  type StepResult,
  type VerifyReport,
  type changeDriverOps,
} from '@holdfast/contracts';
import { createFenceGuard, type Call, type Handler } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import type { AgentChannel } from '../channel/agent-channel.ts';
import { checkSameAction, type StepTasks } from '../channel/step-tasks.ts';
import type { InfrastructureContext } from '../config.ts';
import type { HostRegistry } from '../hosts/host-registry.ts';
import type { Scanner, ScanOutcome } from '../scan/scan-host.ts';
import { observe } from './observe-change.ts';
import { stepsOf, type StepGroup } from './package-steps.ts';
import {
  environmentsOf,
  hostOfTarget,
  packageSteps,
  scopeOf,
  scopesOf,
  worldRevision,
} from './plan-scope.ts';
import { planRepair } from './plan-repair.ts';
import { planUpdate, readUpdateIntent } from './plan-update.ts';
import { hostSignals, sampleHost } from './host-signals.ts';
import { verifySteps } from './verify-steps.ts';

type Ops = typeof changeDriverOps;
export type ChangeDriver = { readonly [K in keyof Ops]: Handler<Ops[K]> };

export interface ChangeDriverPorts {
  readonly hosts: HostRegistry;
  readonly channel: AgentChannel;
  readonly scanner: Scanner;
  readonly tasks: StepTasks;
}

/** What an agent measured longer ago than this many heartbeats says nothing about now. */
const STALE_HEARTBEATS = 3;

/** The change driver of packages: plans and observes from fresh scans, applies through the host's agent. */
export const createChangeDriver = (
  context: InfrastructureContext,
  { hosts, channel, scanner, tasks }: ChangeDriverPorts,
): ChangeDriver => {
  const { clock, config, store } = context;
  const fences = createFenceGuard(store, clock);

  const scanForPlan = async (plan: Plan, call: Call): Promise<ScanOutcome> => {
    const host = hosts.resolve(hostOfTarget(plan.target)).record.id;
    const environments = environmentsOf(scopesOf(plan));
    return scanner.scan(host, { actor: call.principal.id, environments, system: false });
  };

  const planGroups = async (
    input: OpParsed<Ops['planChange']>,
    host: string,
    actor: string,
  ): Promise<{ scan: ScanOutcome; groups: StepGroup[] }> => {
    if (input.kind === 'packages.repair') {
      const scan = await scanner.scan(host, { actor, system: false });
      return { scan, groups: await planRepair(scan, channel) };
    }
    if (input.kind !== 'packages.update')
      throw new HoldfastError('plan_failed', { detail: `${input.kind} is no kind of this kernel` });
    const intent = readUpdateIntent(input.intent);
    const named = intent.environment;
    const environments = named === undefined ? [] : [{ path: named, managers: [intent.manager] }];
    const scan = await scanner.scan(host, { actor, environments, system: false });
    return { scan, groups: await planUpdate(scan, intent, channel) };
  };

  return {
    async planChange(input, call): Promise<DraftPlan> {
      const host = hosts.resolve(hostOfTarget(input.target)).record.id;
      const { scan, groups } = await planGroups(input, host, call.principal.id);
      const steps = stepsOf(groups);
      return {
        target: { ...input.target, host },
        base: {
          revision: worldRevision(scan, steps.map(scopeOf)),
          observed_at: scan.scannedAt,
        },
        steps,
        signals: hostSignals,
        timeout_ms: config.step_timeout_s * 1000,
      };
    },
    async verifyPlan({ plan }, call): Promise<VerifyReport> {
      const scan = await scanForPlan(plan, call);
      const checks = await verifySteps(channel, scan.host, packageSteps(plan));
      return {
        plan_hash: plan.hash,
        ok: checks.every(({ ok }) => ok),
        world_revision: worldRevision(scan, scopesOf(plan)),
        checks,
        verified_at: clock.iso(),
      };
    },
    async applyStep(input, call): Promise<StepResult> {
      const { run, step, action, timeout_ms, fence } = input;
      const host = hosts.resolve(hostOfTarget(input.target)).record.id;
      const order = { run, step, host, action, timeout_ms };
      const known = await tasks.find(run, step, timeout_ms);
      if (known) {
        await fences.check(run, fence);
        await checkSameAction(context, order);
      }
      if (known && 'status' in known) return known;
      if (known) tasks.offer(run, step);
      else {
        // Nothing was ordered yet: with nobody to carry it out, the caller may still decide otherwise.
        if (!channel.isConnected(host)) throw new HoldfastError('agent_offline', { id: host });
        try {
          await tasks.order(order, [fences.entering(run, fence)]);
        } catch (error) {
          if (isStoreError(error, 'WRITE_CONFLICT')) await fences.check(run, fence);
          throw error;
        }
      }
      return tasks.wait(run, step, input.wait_ms, call.signal);
    },
    async observeChange({ plan, undone }, call) {
      const scan = await scanForPlan(plan, call);
      const scopes = scopesOf(plan);
      return { ...observe(scan, scopes, undone), world_revision: worldRevision(scan, scopes) };
    },
    async sampleSignals({ plan }) {
      const host = hosts.resolve(hostOfTarget(plan.target));
      const freshMs = STALE_HEARTBEATS * config.heartbeat_interval_s * 1000;
      return sampleHost(plan.signals ?? [], host, clock, freshMs);
    },
  };
};
