import { HoldfastError, type StepAction, type StepResult } from '@holdfast/contracts';
import type { Draws } from '../core/draws.ts';
import { createLife, type Life, type Weather } from '../core/life.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { Incoming, Server } from '../net/wire.ts';
import { HOSTS, PACKAGES, VERSIONS, operationOf, type Installed, type Operation } from './hosts.ts';
import { HOST_RECORD, createPlans, hostOf } from './plans.ts';

/** One time that a step was really carried out. */
export interface Effect extends Operation {
  readonly at: number;
  readonly run: string;
  readonly step: string;
  readonly host: string;
  readonly action: StepAction;
  readonly fence: number;
  /** When it was handed out: the first call for it that reached its owner. */
  readonly orderedAt: number;
  /** Whether the world was another afterwards. */
  readonly changed: boolean;
}

interface Task {
  readonly run: string;
  readonly step: string;
  readonly host: string;
  readonly action: StepAction;
  readonly orderedAt: number;
  readonly fence: number;
  readonly waiting: Set<() => void>;
  result: StepResult | undefined;
}

export interface OwnerOptions {
  readonly scheduler: Scheduler;
  readonly draws: Draws;
  readonly weather: Weather;
  /** A repair is one step. */
  readonly isBrief: boolean;
  /** A step is taken in that was not known before. */
  onOrder(run: string, step: string): void;
  beforeEffect(run: string, host: string): void;
  onEffect(effect: Effect): void;
  trace?: ((words: string) => void) | undefined;
}

export interface SimOwner {
  current(): Server;
  installedOn(host: string): Installed;
  /** Somebody changes a host behind our back. */
  drift(host: string, name: string, version: string): void;
}

const IO_MS = 1;
const WORK_MS = 40;
const SLOW_WORK_MS = 30_000;
const RESTART_MS = 2_000;
const ROUGH = 0.08;

/**
 * The kernel that owns packages on two hosts, with its agents: steps are durable by run and key and are carried out once,
 * however often they are asked for. Agents and what they know survive the crashes of the owner.
 */
export const createSimOwner = (options: OwnerOptions): SimOwner => {
  const { scheduler, draws, weather } = options;
  const initial = draws.site('first packages');
  const work = draws.site('work');
  const slowWork = draws.site('slow work');
  const failsBefore = draws.site('step fails before');
  const failsAfter = draws.site('step fails after');
  const offline = draws.site('agent offline');
  const restarts = draws.site('restart owner');
  const rough = weather.lose > 0 || weather.failDisk > 0 ? ROUGH : ROUGH / 4;

  const randomPackages = (): Installed =>
    Object.fromEntries(PACKAGES.map((name) => [name, initial.pick(VERSIONS)]));
  const worlds = new Map<string, Installed>(HOSTS.map((host) => [host, randomPackages()]));
  /** All but one package are as they are declared. */
  const nearly = (installed: Installed): Installed => {
    const name = initial.pick(PACKAGES);
    const others = VERSIONS.filter((version) => version !== installed[name]);
    return { ...installed, [name]: initial.pick(others) };
  };
  const declared = new Map<string, Installed>(
    HOSTS.map((host) => [host, options.isBrief ? nearly(worlds.get(host)!) : randomPackages()]),
  );
  const declaredFor = (host: string): Installed => declared.get(host)!;
  const tasks = new Map<string, Task>();
  const fences = new Map<string, number>();
  const iso = (): string => new Date(Math.floor(scheduler.now())).toISOString();
  const world = (host: string): Installed => worlds.get(host)!;

  const put = (host: string, name: string, version: string | null): void => {
    const { [name]: _was, ...others } = world(host);
    worlds.set(host, version === null ? others : { ...others, [name]: version });
  };

  const reachAgent = (host: string): void => {
    if (offline.strike(rough)) throw new HoldfastError('agent_offline', { id: host });
  };

  const finish = (task: Task, result: StepResult): void => {
    task.result = result;
    for (const wake of task.waiting) wake();
    task.waiting.clear();
  };

  const carryOut = (task: Task): void => {
    if (task.result) return;
    const operation = operationOf(task.action);
    const { package: name, from, to } = operation;
    const now = world(task.host)[name] ?? null;
    if (now !== from && now !== to)
      return finish(task, {
        status: 'failed',
        code: 'plan_stale',
        detail: `${name} is at ${now}`,
      });
    if (failsBefore.strike(rough)) return finish(task, { status: 'failed', detail: 'pip said no' });
    const { run, step, host, action, fence, orderedAt } = task;
    options.beforeEffect(run, host);
    put(host, name, to);
    options.trace?.(`effect ${run}/${step} ${host} ${name} ${from} > ${to}`);
    const changed = now !== to;
    options.onEffect({
      ...operation,
      at: scheduler.now(),
      run,
      step,
      host,
      action,
      fence,
      orderedAt,
      changed,
    });
    if (failsAfter.strike(rough)) finish(task, { status: 'failed', detail: 'pip broke' });
    else
      finish(task, {
        status: 'succeeded',
        detail: `${name} is ${to ?? 'gone'}`,
      });
  };

  const order = (task: Task): void => {
    const slow = slowWork.strike(rough) ? slowWork.draw() * SLOW_WORK_MS : 0;
    scheduler.after(WORK_MS * work.draw() + slow, undefined, `work ${task.step}`, () =>
      carryOut(task),
    );
  };

  const plans = createPlans({ draws, rough, installedOn: world, declaredFor, reachAgent, iso });

  const applyStep = async (
    life: Life,
    input: {
      run: string;
      step: string;
      target: Record<string, string>;
      action: StepAction;
      wait_ms: number;
      fence: number;
    },
  ): Promise<StepResult> => {
    const { run, step, action, fence } = input;
    const host = hostOf(input.target);
    const id = `${run}/${step}`;
    const task = await life.io('order step', IO_MS * (0.1 + work.draw()), () => {
      const known = tasks.get(id);
      const seen = fences.get(run) ?? 0;
      if (fence < seen) throw new HoldfastError('fenced', { run, fence, seen });
      fences.set(run, Math.max(fence, seen));
      if (known) return known;
      reachAgent(host);
      const orderedAt = scheduler.now();
      const made: Task = {
        run,
        step,
        host,
        action,
        orderedAt,
        fence,
        waiting: new Set(),
        result: undefined,
      };
      options.onOrder(run, step);
      tasks.set(id, made);
      order(made);
      return made;
    });
    if (JSON.stringify(task.action) !== JSON.stringify(action))
      throw new HoldfastError('invalid_input', {
        detail: `step ${id} was another action`,
      });
    if (task.result) return task.result;
    await new Promise<void>((resolve) => {
      task.waiting.add(() => scheduler.after(0, life, 'step ended', resolve));
      void life.clock.sleep(input.wait_ms).then(resolve);
    });
    return task.result ?? { status: 'running', detail: 'the agent is at work' };
  };

  const ops: Record<string, (life: Life, input: never) => unknown> = {
    getHost: (_, { id }: { id: string }) => ({
      ...HOST_RECORD,
      id: hostOf({ host: id }),
    }),
    sampleSignals: (_, input: never) => plans.sampleSignals(input),
    planChange: (_, input: never) => plans.planChange(input),
    verifyPlan: (_, input: never) => plans.verifyPlan(input),
    observeChange: (_, input: never) => plans.observeChange(input),
    applyStep: (life, input: never) => applyStep(life, input),
  };

  const start = (): Server => {
    const life = createLife({
      name: 'owner',
      scheduler,
      draws,
      weather,
      longestPauseMs: 15_000,
      mortal: true,
    });
    life.onEnd(() => {
      scheduler.after(restarts.draw() * RESTART_MS, undefined, 'restart owner', () => {
        server = start();
      });
    });
    return {
      life,
      ready: true,
      async answer({ name, input }: Incoming) {
        const op = ops[name];
        if (!op) throw new Error(`the simulated owner has no operation ${name}`);
        const looked = await life.io(name, IO_MS * (0.2 + work.draw()), () => input);
        return op(life, looked as never);
      },
    };
  };
  let server = start();

  return {
    current: () => server,
    installedOn: world,
    drift(host, name, version) {
      options.trace?.(`drift ${host} ${name} ${version}`);
      put(host, name, version);
    },
  };
};
