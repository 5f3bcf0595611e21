import type { Action } from '@holdfast/tuning';
import { envelope } from '../artifacts/envelope.ts';
import { openOutDir, type OutDir } from '../artifacts/out-dir.ts';
import { readObject } from '../artifacts/read-json.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { MkContext } from '../frame/command.ts';
import type { IterationOutcome } from '../loop/iteration-outcome.ts';
import type { LoopOptions } from '../loop/loop-options.ts';
import { runIteration } from '../loop/run-iteration.ts';
import type { SessionChange } from '../loop/session-history.ts';
import { revertLine } from '../regression/revert-line.ts';
import { addIteration, emptyRollup, hasFailed, type Rollup } from './rollup.ts';
import { pause } from './stop-signal.ts';
import { iterationLine, watchSummary } from './watch-text.ts';

export interface WatchOptions {
  readonly options: LoopOptions;
  readonly context: MkContext;
  readonly out: OutDir;
  readonly signal: AbortSignal;
  readonly intervalMs: number;
  /** As it was given, for the report. */
  readonly maxIterations: number | undefined;
  /** When to stop; undefined: not by itself. */
  readonly iterations: number | undefined;
  /** Folders of iterations that stay; older ones of this session go. */
  readonly keep: number;
}

export interface Watch {
  /** Runs until enough was done or the signal comes; always ends with a roll-up. */
  run(): Promise<{ readonly wasBlocked: boolean; readonly hasFailed: boolean }>;
  /** Writes a roll-up without an iteration. */
  refuse(reason: string): void;
}

const HOUR_MS = 3_600_000;

/** A session of iterations: their folders, the roll-up, and what was applied so far. */
export const createWatch = (watch: WatchOptions): Watch => {
  const { options, context, out, signal } = watch;
  const { env, now, print, complain } = context;
  const startedMs = now();
  const folders: OutDir[] = [];
  const said = new Set<string>();
  let history: SessionChange[] = [];
  const reverted: Action[] = [];
  let rollup: Rollup = emptyRollup();
  let last: IterationOutcome | undefined;
  let wasBlocked = false;

  const writeRollup = (blockedReason: string | null): void => {
    const latest = out.pathOf('watch_latest.json');
    const summary = out.text('watch_summary.md', watchSummary(rollup, blockedReason));
    const fields = {
      ...envelope({ startedMs, finishedMs: now(), outDir: out.path, apply: options.apply }),
      interval_s: watch.intervalMs / 1000,
      max_iterations: watch.maxIterations ?? null,
      ...rollup,
      apply_blocked_reason: blockedReason,
      artifact_paths: {
        watch_latest_path: latest,
        watch_summary_path: summary,
        last_iteration_report_path: last?.reportPath ?? null,
        last_iteration_explain_path: last?.explainPath ?? null,
      },
      ...last?.assessment,
    };
    out.text('watch_latest.json', `${JSON.stringify(fields, null, 2)}\n`);
  };

  const cluster = lazyCluster(env, signal);
  const applyCluster = lazyCluster(env);

  const prune = (): void => {
    while (folders.length > watch.keep) folders.shift()?.remove();
  };

  const remember = (outcome: IterationOutcome, sinceMs: number): void => {
    const atMs = now();
    history = [
      ...history.filter(({ at_ms }) => atMs - at_ms < HOUR_MS),
      ...outcome.appliedActions.map(({ chord, knob }) => ({
        chord,
        knob,
        at_ms: atMs,
        since_ms: sinceMs,
      })),
    ];
    // The workload got worse by these, or nobody could tell: after the cooldown they would only be tried again.
    if (outcome.revert !== null) reverted.push(...outcome.appliedActions);
    // The folder of an iteration may go; the way back from what it applied must not.
    const isInForce = outcome.rollbackPath !== null && outcome.revert?.ok !== true;
    const rollback = isInForce ? readObject(outcome.rollbackPath) : undefined;
    if (rollback !== undefined) out.report('rollback_plan', rollback);
  };

  const iterate = async (count: number): Promise<void> => {
    const folder = openOutDir(out.pathOf(`iter_${String(count).padStart(4, '0')}`), now);
    folders.push(folder);
    const sinceMs = now();
    const outcome = await runIteration({
      options,
      env,
      now,
      out: folder,
      tick: count - 1,
      cluster,
      applyCluster,
      history,
      reverted,
      signal,
    });
    last = outcome;
    rollup = addIteration(rollup, outcome);
    remember(outcome, sinceMs);
    const { blockedReason: reason, blockedLine: line } = outcome;
    if (line !== null) {
      wasBlocked = true;
      if (!said.has(line)) complain(line);
      said.add(line);
    }
    const taken = revertLine(outcome);
    if (taken !== undefined) complain(taken);
    prune();
    writeRollup(reason);
    print(iterationLine(count, outcome));
  };

  return {
    async run() {
      const most = watch.iterations ?? Infinity;
      for (let count = 1; count <= most && !signal.aborted; count += 1) {
        await iterate(count);
        if (count < most) await pause(watch.intervalMs, signal);
      }
      writeRollup(last?.blockedReason ?? null);
      return { wasBlocked, hasFailed: hasFailed(rollup) };
    },
    refuse: writeRollup,
  };
};
