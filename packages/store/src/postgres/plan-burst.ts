import type { BoundStatement } from '../bound-write.ts';
import { chunkSize, insertHead } from '../plain-insert.ts';
import type { BoundValue } from '../sql-values.ts';
import type { StatementText } from '../statement-text.ts';

/** One execution on the wire: `owners` has one entry per row of parameters that it carries. */
export interface PlannedQuery {
  sql: string;
  params: readonly BoundValue[];
  owners: BoundStatement[];
}

interface Run {
  owner: BoundStatement;
  params: readonly BoundValue[];
}

/** PostgreSQL numbers parameters with 16 bits; the sizes are powers of two, to be prepared once each. */
const limits = { maxRows: 256, maxParams: 60_000 };

function insertSql(head: string, rows: number, columns: number): string {
  let next = 0;
  const row = () => `(${Array.from({ length: columns }, () => `$${++next}`).join(',')})`;
  return head + Array.from({ length: rows }, row).join(',');
}

function* mergeRuns(
  runs: readonly Run[],
  text: StatementText,
  head: string,
): Iterable<PlannedQuery> {
  for (let start = 0; start < runs.length;) {
    const size = chunkSize(runs.length - start, text.placeholders, limits);
    const chunk = runs.slice(start, start + size);
    start += size;
    yield {
      sql: size === 1 ? text.postgres : insertSql(head, size, text.placeholders),
      params: chunk.flatMap((run) => run.params),
      owners: chunk.map((run) => run.owner),
    };
  }
}

/**
 * The executions of some writes in order. Neighbouring rows of the same plain INSERT, also of
 * different callers, become one statement: each execution costs the server and the wire a round.
 */
export function planBurst(writes: readonly (readonly BoundStatement[])[]): PlannedQuery[] {
  const runs = writes.flatMap((write) =>
    write.flatMap((owner) => owner.runs.map((params): Run => ({ owner, params }))),
  );
  const planned: PlannedQuery[] = [];
  for (let start = 0; start < runs.length;) {
    const text = (runs[start] as Run).owner.text;
    let end = start + 1;
    while (end < runs.length && runs[end]?.owner.text === text) end++;
    const same = runs.slice(start, end);
    const head = insertHead(text);
    if (head !== undefined) planned.push(...mergeRuns(same, text, head));
    else {
      for (const { owner, params } of same) {
        planned.push({ sql: text.postgres, params, owners: [owner] });
      }
    }
    start = end;
  }
  return planned;
}
