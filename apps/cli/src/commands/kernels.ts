import type { CliContext } from '../context.ts';
import { print, state, table, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

export async function kernels(this: CliContext, flags: JsonFlag): Promise<void> {
  const { assignments, total } = await openSession(this).gateway.getAssignments({});
  const rows = assignments.map((item) => [
    item.name,
    item.tier,
    item.port === null ? '-' : String(item.port),
    state(item.status),
    item.reason,
  ]);
  print(this, flags, { items: assignments, total, next_cursor: null }, () =>
    table(['KERNEL', 'TIER', 'PORT', 'STATE', 'WHY'], rows),
  );
}
