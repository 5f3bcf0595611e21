import { conflictMessage } from '../bound-write.ts';
import type { BoundStatement } from '../bound-write.ts';
import { StoreError } from '../store-error.ts';
import type { WriteResult } from '../store.ts';
import { isConnectionLoss } from './postgres-failure.ts';
import { planBurst } from './plan-burst.ts';
import type { PlannedQuery } from './plan-burst.ts';
import type { QueryResult, Session } from './session.ts';

export type Answer = { result: WriteResult } | { error: unknown };

/** The connection went away. `commitSent`: the server may have committed before it did. */
export class ConnectionLost extends Error {
  readonly commitSent: boolean;
  constructor(commitSent: boolean, cause: unknown) {
    super('connection lost', { cause });
    this.commitSent = commitSent;
  }
}

/** What was sent, and how it went; resolved when every execution is settled. */
interface Burst {
  planned: PlannedQuery[];
  settled: Promise<PromiseSettledResult<QueryResult>[]>;
}

function send(session: Session, writes: readonly (readonly BoundStatement[])[]): Burst {
  const planned = planBurst(writes);
  return {
    planned,
    settled: Promise.allSettled(planned.map(({ sql, params }) => session.query(sql, params))),
  };
}

interface Tally {
  changes: number;
  rows: QueryResult['rows'];
  error?: unknown;
}

/** Adds up what happened to each statement. A joined insert changed one row for each owner. */
async function tally({ planned, settled }: Burst): Promise<Map<BoundStatement, Tally>> {
  const tallies = new Map<BoundStatement, Tally>();
  for (const [index, outcome] of (await settled).entries()) {
    for (const owner of planned[index]?.owners ?? []) {
      const sum = tallies.get(owner) ?? { changes: 0, rows: [] };
      tallies.set(owner, sum);
      if (outcome.status === 'rejected') {
        sum.error ??= outcome.reason;
        continue;
      }
      const joined = (planned[index]?.owners.length ?? 0) > 1;
      if (joined) sum.changes += 1;
      else if (owner.text.verb !== 'SELECT' && owner.text.verb !== 'VALUES') {
        sum.changes += outcome.value.changes;
      }
      for (const row of outcome.value.rows) sum.rows.push(row);
    }
  }
  return tallies;
}

function answer(write: readonly BoundStatement[], tallies: Map<BoundStatement, Tally>): Answer {
  const result: WriteResult = { changes: [], rows: [] };
  for (const statement of write) {
    const { text, expect } = statement;
    const { changes, rows, error } = tallies.get(statement) ?? { changes: 0, rows: [] };
    if (error !== undefined) return { error };
    if (expect !== undefined && changes !== expect) {
      const message = conflictMessage(text.sql, changes, expect);
      return { error: new StoreError('WRITE_CONFLICT', message) };
    }
    result.changes.push(changes);
    result.rows.push(rows);
  }
  return { result };
}

/** A COMMIT of a transaction that already failed is answered with ROLLBACK. */
async function commit(session: Session): Promise<boolean> {
  try {
    return (await session.query('COMMIT')).command === 'COMMIT';
  } catch (error) {
    if (isConnectionLoss(error)) throw new ConnectionLost(true, error);
    return false;
  }
}

/**
 * The fast path: everything in one burst, the COMMIT with it when no answer has to be looked at
 * first: a count that was expected, or rows that may hold what cannot be read. Undefined when any
 * caller failed, with nothing left of the group.
 */
async function commitPlainly(
  session: Session,
  writes: readonly (readonly BoundStatement[])[],
): Promise<Answer[] | undefined> {
  const counted = writes.some((write) =>
    write.some(({ expect, text }) => expect !== undefined || text.returning),
  );
  const [begun, sent, committed] = session.burst(() => [
    session.query('BEGIN').then(undefined, (error: unknown) => error),
    send(session, writes),
    counted ? undefined : commit(session).catch((error: unknown) => error),
  ]);
  await begun;
  const tallies = await tally(sent);
  const answers = writes.map((write) => answer(write, tallies));
  const failure = answers.find((item) => 'error' in item);
  const done = await committed;
  if (done instanceof Error) throw done;
  if (failure !== undefined && isConnectionLoss(failure.error)) {
    throw new ConnectionLost(!counted, failure.error);
  }
  if (failure === undefined)
    return (done ?? (await commit(session))) === true ? answers : undefined;
  if (done === true) throw new ConnectionLost(true, failure.error);
  if (counted) await session.query('ROLLBACK');
  return undefined;
}

/** A savepoint for each caller, so that the one that fails takes only its own statements along. */
async function commitCarefully(
  session: Session,
  writes: readonly (readonly BoundStatement[])[],
): Promise<Answer[]> {
  const answers: Answer[] = [];
  await session.query('BEGIN');
  for (const write of writes) {
    await session.query('SAVEPOINT caller');
    const sent = session.burst(() => send(session, [write]));
    const item = answer(write, await tally(sent));
    if ('error' in item) {
      if (isConnectionLoss(item.error)) throw item.error;
      await session.query('ROLLBACK TO SAVEPOINT caller');
    }
    await session.query('RELEASE SAVEPOINT caller');
    answers.push(item);
  }
  if (await commit(session)) return answers;
  const refused = new StoreError('STORE_IO', 'the server did not commit');
  return answers.map((item) => ('error' in item ? item : { error: refused }));
}

/** Commits a group in one transaction, in order. Throws ConnectionLost and nothing else. */
export async function commitGroup(
  session: Session,
  writes: readonly (readonly BoundStatement[])[],
): Promise<Answer[]> {
  try {
    return (await commitPlainly(session, writes)) ?? (await commitCarefully(session, writes));
  } catch (error) {
    throw error instanceof ConnectionLost ? error : new ConnectionLost(false, error);
  }
}
