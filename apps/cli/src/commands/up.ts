import { EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { note, print, state, table, type JsonFlag } from '../output.ts';
import { launchDetached, runForeground } from '../stack/launch-guardian.ts';

interface Flags extends JsonFlag {
  readonly profile?: string;
  readonly detach?: boolean;
}

export async function up(this: CliContext, flags: Flags): Promise<void> {
  if (!flags.detach) {
    this.process.exitCode = await runForeground(this, flags.profile);
    return;
  }
  const { url, status, dropped } = await launchDetached(this, flags.profile);
  if (dropped.length > 0)
    note(this, `profile ${status.profile} does not take these settings: ${dropped.join(', ')}`);
  const parts = [...status.kernels, ...status.processes].filter(
    (item) => item.status !== 'not_installed',
  );
  print(this, flags, { url, ...status }, () =>
    [
      table(
        ['NAME', 'STATE', 'PORT', 'WHY'],
        parts.map((item) => [
          item.name,
          state(item.status),
          item.port === null ? '-' : String(item.port),
          item.reason,
        ]),
      ),
      `${state(status.state)}, profile ${status.profile}: ${url}`,
    ].join('\n'),
  );
  this.process.exitCode = status.state === 'running' ? EXIT.done : EXIT.failed;
}
