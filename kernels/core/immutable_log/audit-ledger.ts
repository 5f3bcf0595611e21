import type { LogVerification } from '@holdfast/contracts';
import {
  EMPTY_ROOT,
  digestToBytes,
  openCheckpoint,
  parseVerifierKey,
  verifyLog,
  type LogEntry,
  type TrustedCheckpoint,
} from '@holdfast/merkle';
import type { Store } from '@holdfast/store';
import { ENTRY_COLUMNS, isFiledUnderItsId, type EntryRow } from './entry-row.ts';

const PAGE = 2000;
const MAX_PROBLEMS = 50;

export interface AuditOptions {
  readonly store: Store;
  /** C2SP verifier key of the ledger. */
  readonly verifierKey: string;
  /** Checkpoint notes that were seen before, kept outside of the ledger: they find one that was cut and signed anew. */
  readonly witnesses?: readonly string[];
}

type Problem = LogVerification['problems'][number];

/** Every checkpoint that a valid signature of the ledger stands under, by size; the others become problems. */
const readCheckpoints = async (
  options: AuditOptions,
  problems: Problem[],
): Promise<TrustedCheckpoint[]> => {
  const verifier = parseVerifierKey(options.verifierKey);
  const notes = await options.store.read<{ size: number; note: string }>(
    'SELECT size, note FROM checkpoints ORDER BY size',
  );
  const head = await options.store.read<{ size: number; note: string }>(
    'SELECT size, note FROM head',
  );
  const witness = (options.witnesses ?? []).map((note) => ({ size: -1, note }));
  const trusted = new Map<string, TrustedCheckpoint>();
  for (const { size, note } of [...notes, ...head, ...witness]) {
    try {
      const checkpoint = openCheckpoint(note, { origin: verifier.name, verifiers: [verifier] });
      if (size >= 0 && checkpoint.size !== size)
        problems.push({
          kind: 'checkpoint',
          index: size,
          message: `the checkpoint filed under ${size} entries speaks of ${checkpoint.size}`,
        });
      trusted.set(`${checkpoint.size}:${checkpoint.root.toString('hex')}`, checkpoint);
    } catch {
      problems.push({
        kind: 'checkpoint',
        index: Math.max(size, 0),
        message: `the checkpoint at ${size} entries has no valid signature of ${verifier.name}`,
      });
    }
  }
  return [...trusted.values()].toSorted((a, b) => a.size - b.size);
};

/** Streams the rows as leaves; a row that is filed under another id than its body says is reported with its index. */
async function* readEntries(store: Store, problems: Problem[]): AsyncIterable<LogEntry[]> {
  const select = `SELECT ${ENTRY_COLUMNS} FROM entries ORDER BY idx`;
  for await (const rows of store.scan<EntryRow>(select, [], PAGE)) {
    for (const row of rows) {
      if (isFiledUnderItsId(row) || problems.length >= MAX_PROBLEMS) continue;
      const message = `entry ${row.idx} is filed under another id than its body says`;
      problems.push({ kind: 'edited', index: row.idx, message });
    }
    yield rows.map((row) => ({ index: row.idx, body: row.body, leafHash: row.leaf }));
  }
}

/**
 * Recomputes the whole tree from the stored entries, with flat memory, and compares it with every signed checkpoint.
 * Says where the ledger was edited, cut, reordered or forked.
 */
export const auditLedger = async (options: AuditOptions): Promise<LogVerification> => {
  const own: Problem[] = [];
  const checkpoints = await readCheckpoints(options, own);
  const report = await verifyLog({
    entries: readEntries(options.store, own),
    checkpoints,
    maxProblems: MAX_PROBLEMS,
  });
  const problems: Problem[] = [...report.problems, ...own];
  if (problems.length === 0 && report.entries > report.confirmedSize) {
    const index = report.confirmedSize;
    problems.push({
      kind: 'unsigned',
      index,
      message: `entries from ${index} on are under no signed checkpoint`,
    });
  }
  const root = (report.root ?? digestToBytes(EMPTY_ROOT)).toString('hex');
  const [head] = await options.store.read<{ note: string }>('SELECT note FROM head');
  return {
    ok: problems.length === 0,
    entries: report.entries,
    root,
    ...(head ? { note: head.note } : {}),
    problems,
  };
};
