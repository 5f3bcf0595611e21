import type { CliContext } from '../context.ts';
import { print, state, table, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

export async function status(this: CliContext, flags: JsonFlag): Promise<void> {
  const session = openSession(this);
  const guardian = await session.guardian.getGuardianStatus({});
  const rows = [...guardian.processes, ...guardian.kernels]
    .filter((item) => item.status !== 'not_installed')
    .map((item) => [
      item.name,
      state(item.status),
      item.pid === null ? '-' : String(item.pid),
      item.port === null ? '-' : String(item.port),
      String(item.restarts),
      item.reason,
    ]);
  print(this, flags, guardian, () =>
    [
      `${session.url}: ${state(guardian.state)}, profile ${guardian.profile}, version ${guardian.version}, since ${guardian.started_at}`,
      table(['NAME', 'STATE', 'PID', 'PORT', 'RESTARTS', 'WHY'], rows),
    ].join('\n'),
  );
}
