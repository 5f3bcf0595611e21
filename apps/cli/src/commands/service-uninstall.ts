import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { pickManager } from '../service/pick-manager.ts';
import { pickScope, type ServiceFlags } from '../service/service-spec.ts';

export async function serviceUninstall(
  this: CliContext,
  flags: JsonFlag & ServiceFlags,
): Promise<void> {
  const scope = pickScope(flags, this.process.platform, this.process.getuid?.());
  const manager = pickManager(this, scope);
  const why = await manager.unavailable();
  if (why !== undefined)
    throw new CliError(why, { next: '`bin/holdfast down` stops a stack that runs without it' });
  const { file } = await manager.status();
  const { removed } = await manager.uninstall();
  print(this, flags, { removed, file }, () =>
    removed
      ? `stopped and removed ${file}; what the stack has stored stays in its home`
      : `there was no service: ${file} is not there`,
  );
}
