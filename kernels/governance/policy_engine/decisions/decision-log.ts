import type { PolicyRequest, PolicyVerdict } from '@holdfast/contracts';
import type { SqlValue } from '@holdfast/store';
import type { PolicyContext } from '../config.ts';

/** How many decisions are kept for dry runs. */
export const KEPT_DECISIONS = 100_000;
const PRUNE_EVERY = 1_000;
const ROWS_A_WRITE = 500;
/** Decisions are written together that are made within this time, out of the way of what waits for them. */
const GATHER_MS = 100;
/** More than this waits only when the disk does not keep up: the oldest are given up. */
const MAX_WAITING = 20_000;

export interface RecordedDecision {
  readonly seq: number;
  readonly at: string;
  readonly allowed: boolean;
  readonly request: PolicyRequest;
}

/**
 * Decisions as they were made, newest last, a bounded number of them. Recording does not wait for the disk: rows go in
 * groups, one write at a time, and a crash loses at most those of the last moment (GATHER_MS and a write).
 */
export interface DecisionLog {
  record(request: PolicyRequest, verdict: PolicyVerdict): void;
  /** The last decisions, newest first, in pages. */
  last(count: number): AsyncIterable<readonly RecordedDecision[]>;
  /** The newest about a change. Like `last`, it sees all that was recorded before. */
  about(change: string): Promise<RecordedDecision | undefined>;
  settled(): Promise<void>;
  lost(): number;
}

interface Row {
  seq: number;
  at: string;
  allowed: number;
  request: string;
}

type Step = PolicyRequest['steps'][number];
type Packed = Omit<PolicyRequest, 'steps' | 'automatic'> & {
  readonly automatic?: boolean;
  readonly steps: Step[];
  readonly count: number;
};

/** Policies see which kinds of step there are and how many steps: equal ones are kept once. */
const pack = ({ steps, ...rest }: PolicyRequest): string => {
  const kinds = new Map(steps.map((step) => [JSON.stringify(step), step]));
  const packed: Packed = { ...rest, steps: [...kinds.values()], count: steps.length };
  return JSON.stringify(packed);
};

const unpack = (text: string): PolicyRequest => {
  const { count, steps, ...rest } = JSON.parse(text) as Packed;
  const [first] = steps;
  const more = first ? Array.from({ length: count - steps.length }, () => first) : [];
  // Decisions recorded before requests told it are of people and agents, or undos that nobody told apart.
  return { ...rest, automatic: rest.automatic ?? false, steps: [...steps, ...more] };
};

const decisionOf = (row: Row): RecordedDecision => ({
  seq: row.seq,
  at: row.at,
  allowed: row.allowed === 1,
  request: unpack(row.request),
});

const INSERT = `INSERT INTO policy_decisions (seq, change_id, at, allowed, revision, request)
  VALUES (?, ?, ?, ?, ?, ?)`;
const PAGE = 500;

export const openDecisionLog = async (
  { store, log, clock }: PolicyContext,
  kept = KEPT_DECISIONS,
): Promise<DecisionLog> => {
  const [end] = await store.read<{ seq: number | null }>(
    'SELECT MAX(seq) AS seq FROM policy_decisions',
  );
  let seq = end?.seq ?? 0;
  let pruned = 0;
  let lost = 0;
  let waiting: SqlValue[][] = [];
  let writing: Promise<void> | undefined;
  let hurry = new AbortController();

  const writeOnce = async (): Promise<void> => {
    const rows = waiting.splice(0, ROWS_A_WRITE);
    const newest = rows.at(-1)![0] as number;
    const isDue = newest - pruned >= PRUNE_EVERY;
    if (isDue) pruned = newest;
    const prune = { sql: 'DELETE FROM policy_decisions WHERE seq <= ?', params: [newest - kept] };
    try {
      await store.write([{ sql: INSERT, many: rows }, ...(isDue ? [prune] : [])]);
    } catch (error) {
      lost += rows.length;
      log.warn({ err: error, decisions: rows.length }, 'decisions were not recorded');
    }
  };
  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) await writeOnce();
    writing = undefined;
  };
  const gather = (): Promise<void> => {
    hurry = new AbortController();
    return clock.sleep(GATHER_MS, hurry.signal).then(writeAll);
  };
  const written = async (): Promise<void> => {
    hurry.abort();
    await writing;
  };

  return {
    record(request, { allowed, revision }) {
      seq += 1;
      waiting.push([seq, request.change, request.at, allowed ? 1 : 0, revision, pack(request)]);
      if (waiting.length > MAX_WAITING) {
        lost += waiting.length - MAX_WAITING;
        waiting = waiting.slice(-MAX_WAITING);
      }
      writing ??= gather();
    },
    async *last(count) {
      await written();
      let before = seq + 1;
      for (let left = count; left > 0;) {
        const rows = await store.read<Row>(
          'SELECT seq, at, allowed, request FROM policy_decisions WHERE seq < ? ORDER BY seq DESC LIMIT ?',
          [before, Math.min(PAGE, left)],
        );
        if (rows.length === 0) return;
        yield rows.map(decisionOf);
        left -= rows.length;
        before = rows.at(-1)!.seq;
      }
    },
    async about(change) {
      await written();
      const [row] = await store.read<Row>(
        'SELECT seq, at, allowed, request FROM policy_decisions WHERE change_id = ? ORDER BY seq DESC LIMIT 1',
        [change],
      );
      return row && decisionOf(row);
    },
    settled: written,
    lost: () => lost,
  };
};
