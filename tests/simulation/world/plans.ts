import {
  HoldfastError,
  type DraftPlan,
  type Host,
  type Plan,
  type SignalSpec,
} from '@holdfast/contracts';
import type { Draws } from '../core/draws.ts';
import { hostIdOf, operationOf, revisionOf, stepFor, type Installed } from './hosts.ts';

const SIGNAL: SignalSpec = {
  name: 'errors',
  unit: 'per minute',
  direction: 'lower_is_better',
  max_regression: 0.5,
  min_change: 1,
};
export const HOST_RECORD: Omit<Host, 'id'> = {
  hostname: 'box',
  aliases: [],
  os_type: 'linux',
  os_version: '12',
  architecture: 'x64',
  ip_address: null,
  status: 'healthy',
  status_reason: '',
  capabilities: [],
  dependency_status: 'unknown',
  facts: null,
  metrics: null,
  agent: { enrolled: true, connected: true, version: null },
  last_seen: null,
  registered_at: '2026-01-01T00:00:00.000Z',
};

const STEP_TIMEOUT_MS = 20_000;

/** Throws host_not_found. */
export const hostOf = (target: Readonly<Record<string, string>>): string => {
  const id = hostIdOf(target['host'] ?? '');
  if (id === undefined) throw new HoldfastError('host_not_found', { id: target['host'] });
  return id;
};

export interface PlansOptions {
  readonly draws: Draws;
  /** How often something goes wrong. */
  readonly rough: number;
  installedOn(host: string): Installed;
  declaredFor(host: string): Installed;
  /** Throws agent_offline. */
  reachAgent(host: string): void;
  iso(): string;
}

/** What an owner of packages says about its hosts: plans, dry runs, looks and signals. It changes nothing. */
export const createPlans = ({
  draws,
  rough,
  installedOn,
  declaredFor,
  reachAgent,
  iso,
}: PlansOptions) => {
  const unseen = draws.site('unseen');
  const cannotVerify = draws.site('dry run fails');
  const signals = draws.site('signals');
  const unmeasured = draws.site('unmeasured');
  const retried = draws.site('retried');
  const noInverse = draws.site('no inverse');

  const planChange = (input: {
    kind: string;
    target: Record<string, string>;
    intent: Record<string, unknown>;
  }): DraftPlan => {
    const host = hostOf(input.target);
    reachAgent(host);
    const installed = installedOn(host);
    const wanted =
      input.kind === 'packages.update'
        ? Object.fromEntries((input.intent['packages'] as string[]).map((one) => one.split('==')))
        : declaredFor(host);
    const hasInverse = !noInverse.strike(rough / 4);
    const steps = Object.entries(wanted as Installed)
      .filter(([name, to]) => installed[name] !== to)
      .map(([name, to]) => {
        const toward = declaredFor(host)[name] === to;
        const step = stepFor(name, installed[name] ?? null, to, toward, hasInverse);
        return retried.chance(0.2) ? { ...step, retry: { attempts: 3, backoff_ms: 200 } } : step;
      });
    if (steps.length === 0) throw new HoldfastError('nothing_to_do', { host });
    const base = {
      revision: revisionOf(host, installed, steps),
      observed_at: iso(),
    };
    const watched = signals.chance(0.15) ? { signals: [SIGNAL] } : {};
    return {
      target: { host },
      base,
      steps,
      ...watched,
      timeout_ms: STEP_TIMEOUT_MS,
    };
  };

  const verifyPlan = ({ plan }: { plan: Plan }) => {
    const host = hostOf(plan.target);
    reachAgent(host);
    const ok = !cannotVerify.strike(rough / 4);
    return {
      plan_hash: plan.hash,
      ok,
      world_revision: revisionOf(host, installedOn(host), plan.steps),
      checks: plan.steps.map(({ key }) => ({
        step: key,
        ok,
        detail: ok ? 'would work' : 'no',
      })),
      verified_at: iso(),
    };
  };

  const observeChange = ({ plan, undone }: { plan: Plan; undone: boolean }) => {
    const host = hostOf(plan.target);
    reachAgent(host);
    const installed = installedOn(host);
    const world_revision = revisionOf(host, installed, plan.steps);
    const observed_at = iso();
    if (unseen.strike(rough))
      return {
        status: 'unknown',
        world_revision,
        detail: 'no scan',
        differences: [],
        observed_at,
      };
    const differences = plan.steps
      .map((step) => operationOf(step.do))
      .filter((one) => (installed[one.package] ?? null) !== (undone ? one.from : one.to))
      .map((one) => `${one.package} is ${installed[one.package] ?? 'not installed'}`);
    const status = differences.length === 0 ? 'as_planned' : 'different';
    return { status, world_revision, detail: '', differences, observed_at };
  };

  const sampleSignals = ({ plan }: { plan: Plan }) => ({
    at: iso(),
    values: Object.fromEntries(
      (plan.signals ?? []).map(({ name }) => [
        name,
        unmeasured.strike(rough / 4) ? null : signals.chance(rough) ? 20 : 10,
      ]),
    ),
  });

  return { planChange, verifyPlan, observeChange, sampleSignals };
};
