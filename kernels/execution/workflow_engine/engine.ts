import { createKeyedLoops, isTransient, type Turn } from '@holdfast/change';
import { isHoldfastError } from '@holdfast/contracts';
import type { Parts } from './context.ts';
import { report } from './reporter.ts';
import { isFinished } from './run-record.ts';
import { nextStep, runStep } from './run-step.ts';
import { settleFailure, watch } from './settle.ts';

/** The key of the loop that looks for open runs; no id of a run looks like it. */
const ALL_OPEN = '*';

/** Drives every run to its end and tells governance about each. */
export interface Engine {
  kick(run: string): void;
  kickReport(run: string): void;
  /** Takes up every run that a former process left open or unreported. */
  resume(): void;
  ended(): Promise<void>;
}

const advance = async (parts: Parts, id: string): Promise<Turn> => {
  const record = await parts.runs.find(id);
  if (!record || isFinished(record)) return 'done';
  if (record.failure) return settleFailure(parts, record, record.failure);
  const next = nextStep(record);
  return next ? runStep(parts, record, next) : watch(parts, record);
};

export const createEngine = (parts: Parts): Engine => {
  const { clock, log, signal } = parts.context;

  const ports = (doing: string) => ({
    sleep: (ms: number, wake?: AbortSignal) => clock.sleep(ms, wake),
    signal,
    onError(run: string, error: unknown) {
      const isExpected = isHoldfastError(error) && isTransient(error);
      log[isExpected ? 'warn' : 'error']({ err: error, run }, `${doing} a run failed`);
    },
  });
  const resumeAll = async (): Promise<Turn> => {
    for (const id of await parts.runs.unsettledIds()) {
      runs.kick(id);
      reports.kick(id);
    }
    return 'done';
  };
  const reports = createKeyedLoops(ports('reporting'), (id) => report(parts, id));
  const runs = createKeyedLoops(ports('driving'), (id) =>
    id === ALL_OPEN ? resumeAll() : advance(parts, id),
  );

  return {
    kick: runs.kick,
    kickReport: reports.kick,
    resume: () => runs.kick(ALL_OPEN),
    async ended() {
      await Promise.all([runs.ended(), reports.ended()]);
    },
  };
};
