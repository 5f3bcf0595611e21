import { randomBytes } from 'node:crypto';
import type { GuardianStatus, KernelId, ProcessName } from '@holdfast/contracts';
import { isKernelId } from '@holdfast/contracts';
import type { Credentials } from './home/credentials.ts';
import type { Custody } from './custody/custody.ts';
import type { GuardianLog } from './logs/guardian-log.ts';
import { GUARDIAN_ACTOR } from './journal/guardian-event.ts';
import { takeHome } from './home/own-home.ts';
import { switchProfile } from './config/switch-profile.ts';
import type { Settings } from './start/settings.ts';
import { createStack, type StackPhase } from './stack.ts';
import { readStackFacts } from './start/stack-facts.ts';
import { startProcesses, stopStages } from './supervision/stack-order.ts';
import { openTakeover } from './supervision/takeover.ts';

export interface Guardian {
  readonly url: string;
  readonly credentials: Credentials;
  /** Settings that the profile of this start does not take, by key. */
  readonly dropped: readonly string[];
  readonly log: GuardianLog;
  status(): GuardianStatus;
  /** Resolves when everything is healthy or was given up on, at the latest after the profile's start timeout. */
  readonly settled: Promise<void>;
  /** Stops everything in order; a second call while it does so ends what is left at once. */
  stop(why: string): void;
  /** Resolves when nothing is left: no process, no port, no run file. */
  readonly stopped: Promise<void>;
}

const LOG_CHECK_MS = 5_000;
const LOG_EXPIRY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The answer to whoever asked for it goes out first. */
const SUCCEED_MS = 150;

const atMost = (ms: number, promise: Promise<void>): Promise<void> =>
  Promise.race([promise, new Promise<void>((resolve) => setTimeout(resolve, ms).unref())]);

/**
 * Starts a stack, or takes over a running one whose guardian is gone: claims the home, takes every port, starts or adopts
 * every process. Rejects with a HoldfastError that says why nothing was started (already_running, profile_*,
 * admin_token_weak, port_taken, config_invalid); what does not come up later is in `status`.
 */
export const startGuardian = async (settings: Settings, custody: Custody): Promise<Guardian> => {
  const began = performance.now();
  const phase: StackPhase = {
    startedAt: new Date(),
    settled: false,
    stopping: false,
    succeeding: false,
  };
  const facts = await readStackFacts(settings, custody.memory === undefined ? 'fresh' : 'takeover');
  const { profile, names, kernels, url } = facts;
  const home = await takeHome({ settings, profile, kernels, url, custody });
  const { log, logs, ports, runFiles, credentials } = home;
  const takesOver = custody.memory !== undefined;
  const secret = custody.memory?.secret ?? randomBytes(32).toString('base64url');
  const wasRunning = custody.memory?.running ?? facts.running;
  // Before the keeper remembers the stack: from then on the profile is what is on disk.
  if (facts.switches) await switchProfile(settings.home, facts, log);
  custody.remember({
    secret,
    paused: custody.memory?.paused ?? {},
    running: facts.running,
  });
  for (const { name } of custody.held)
    if (name !== 'gateway' && !kernels.some((id) => id === name)) custody.release(name);
  custody.onReplaced((pid) => {
    log.warn('the keeper was killed; another one is in its place', { child: pid });
    runFiles.recordKeeper(pid).catch((error: Error) => {
      log.error('could not record the keeper', { error: error.message });
    });
  });
  log.info(takesOver ? 'taking over' : 'starting', { profile: profile.name, kernels, url });

  let cameUp = (): void => {};
  const up = new Promise<void>((resolve) => (cameUp = resolve));
  const stack = await createStack({
    facts,
    home,
    custody,
    secret,
    phase,
    stop: (why) => stop(why),
    ready: () => up,
    succeed: () => void setTimeout(() => void succeed(), SUCCEED_MS),
  });
  const { supervisor, spare, healing } = stack;

  const logNames = [...names, 'spare', 'guardian'];
  const keepMs = profile.limits.log_retention_days * DAY_MS;
  const expireLogs = (): void => logs.expire(logNames, Date.now() - keepMs);
  expireLogs();
  const timers = [
    setInterval(() => void supervisor.checkAll(), profile.guardian.check_interval_s * 1_000),
    setInterval(() => logs.rotate(logNames), LOG_CHECK_MS),
    setInterval(expireLogs, LOG_EXPIRY_MS),
  ];
  const letGoOfEverything = async (stopped: boolean): Promise<void> => {
    for (const timer of timers) clearInterval(timer);
    spare.close();
    await phase.takeover?.close(stopped);
    await healing.close(stopped);
  };
  /** Leaves without touching a process: the next guardian takes them over. */
  const succeed = async (): Promise<void> => {
    if (phase.stopping) return;
    phase.succeeding = true;
    // Who is being waited for is answered; who comes now waits in the backlog, for the next guardian.
    await Promise.all(names.map((name) => supervisor.one(name)?.handsOver()));
    log.info('making room for another guardian');
    await letGoOfEverything(false);
    await custody.tell({ type: 'succeed' });
    process.exit(0);
  };
  const stopOne = async (name: ProcessName): Promise<void> => {
    await supervisor.stop(name);
    if (name !== 'agent') ports.release(name);
  };
  const stopInOrder = async (): Promise<void> => {
    await custody.tell({ type: 'stopping' });
    for (const stage of stopStages(names)) await Promise.all(stage.map(stopOne));
    await letGoOfEverything(true);
    await runFiles.release();
    log.info('stopped');
    await custody.tell({ type: 'finished', code: 0 });
  };
  let finish = (_: Promise<void>): void => {};
  const stopped = new Promise<void>((resolve) => (finish = resolve));
  const stop = (why: string): void => {
    // The keeper asks the next guardian again.
    if (phase.succeeding) return;
    log.info(phase.stopping ? 'stopping at once' : 'stopping', { why });
    if (phase.stopping) supervisor.killAll();
    else finish(stopInOrder());
    phase.stopping = true;
  };
  /** A kernel whose port somebody has: an own orphan there is ended, before a foreign owner the kernel moves. */
  const settlePort = async (id: KernelId): Promise<void> => {
    const request = {
      id,
      issue: 'port_conflict',
      severity: 'high',
      actor: GUARDIAN_ACTOR,
    } as const;
    const { record } = await healing.healer.heal(request);
    if (!record.success && supervisor.stateOf(id)?.status === 'not_started')
      supervisor.one(id)?.fail({ mode: 'port_conflict', why: record.error ?? 'its port is taken' });
  };

  const healthyPid = (name: ProcessName): number | undefined => {
    const state = supervisor.stateOf(name);
    return state?.status === 'healthy' ? state.pid : undefined;
  };
  const mayStart = (name: ProcessName): boolean => name === 'agent' || ports.holds(name);
  stack.restorePauses();
  phase.takeover = await openTakeover({
    ...stack,
    secret,
    log,
    records: home.toTakeOver,
    names: takesOver ? names.filter(mayStart) : [],
    wasRunning: (name) => wasRunning.includes(name),
    stopTimeoutMs: profile.guardian.stop_timeout_ms,
    isStopping: () => phase.stopping,
  });
  if (!takesOver) startProcesses(supervisor, names, mayStart);
  for (const name of names) if (isKernelId(name) && !mayStart(name)) void settlePort(name);

  // Only now: a stop that came before has to find what there is to stop.
  custody.onStop((why, once) => {
    if (!once || !phase.stopping) stop(why);
  });

  const settled = atMost(profile.guardian.start_timeout_ms, supervisor.whenSettled()).then(() => {
    phase.settled = true;
    spare.refill();
    healing.watch.reconcile(healthyPid, (name) => names.includes(name));
    const after_ms = Math.round(performance.now() - began);
    log.info('started', { state: stack.status().state, after_ms });
    cameUp();
  });
  void stack.rollout.begin();
  const { dropped } = facts;
  return { url, credentials, dropped, log, status: stack.status, settled, stop, stopped };
};
