import { createKeyedLoops, isTransient, type Turn } from '@holdfast/change';
import { isHoldfastError } from '@holdfast/contracts';
import { measureBaseline, needsBaseline } from './baseline.ts';
import type { Parts } from './context.ts';
import { LeaseLost, RENEW_MS } from './leases.ts';
import { createReporter } from './reporter.ts';
import { openSession, type RunSession } from './run-session.ts';
import { nextStep, runStep } from './run-step.ts';
import { settleFailure, watch } from './settle.ts';

/** The key of the loop that looks for runs that nobody drives; no id of a run looks like it. */
const ALL_FREE = '*';

/** Drives every run that this engine holds to its end and tells governance about each. */
export interface Engine {
  kick(run: string): void;
  kickReport(run: string): void;
  /** Takes up every run that a former process, or another engine that is gone, left open or unreported. */
  resume(): void;
  ended(): Promise<void>;
}

/** Until a run that was lost is asked for again: its new engine may be gone by then. */
const LOST: Turn = { wait_ms: 1_000 };

const drive = (parts: Parts, session: RunSession): Promise<Turn> => {
  const { record } = session;
  if (record.failure) return settleFailure(parts, session, record.failure);
  if (needsBaseline(record)) return measureBaseline(parts, session);
  const next = nextStep(record);
  return next ? runStep(parts, session, next) : watch(parts, session);
};

const advance = async (parts: Parts, id: string): Promise<Turn> => {
  const session = await openSession(parts, id);
  if (!session) return 'done';
  try {
    return await drive(parts, session);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    parts.context.log.warn({ run: id }, error.message);
    return LOST;
  }
};

export const createEngine = (parts: Parts): Engine => {
  const { clock, log, signal, store } = parts.context;
  let keeping: Promise<void> = Promise.resolve();

  const ports = (doing: string) => ({
    sleep: (ms: number, wake?: AbortSignal) => clock.sleep(ms, wake),
    signal,
    onError(run: string, error: unknown) {
      const isExpected = isHoldfastError(error) && isTransient(error);
      log[isExpected ? 'warn' : 'error']({ err: error, run }, `${doing} a run failed`);
    },
  });
  /** Where nobody else writes, one look at the start finds all there is. */
  const takeUpFree = async (): Promise<Turn> => {
    for (const id of await parts.leases.free()) {
      runs.kick(id);
      reports.kick(id);
    }
    return store.shared ? { wait_ms: RENEW_MS } : 'done';
  };
  const reports = createKeyedLoops(ports('reporting'), createReporter(parts));
  const runs = createKeyedLoops(ports('driving'), (id) =>
    id === ALL_FREE ? takeUpFree() : advance(parts, id),
  );

  return {
    kick: runs.kick,
    kickReport: reports.kick,
    resume() {
      keeping = parts.leases.keep();
      runs.kick(ALL_FREE);
    },
    async ended() {
      await Promise.all([runs.ended(), reports.ended(), keeping]);
    },
  };
};
