import { EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { pickManager } from '../service/pick-manager.ts';
import { pickScope, type ServiceFlags } from '../service/service-spec.ts';
import { serviceWords } from '../words/service-words.ts';

/** Exit 0 when the service runs, 1 when it does not or nobody can tell. */
export async function serviceStatus(
  this: CliContext,
  flags: JsonFlag & ServiceFlags,
): Promise<void> {
  const scope = pickScope(flags, this.process.platform, this.process.getuid?.());
  const status = await pickManager(this, scope).status();
  print(this, flags, status, () => serviceWords(status));
  this.process.exitCode = status.running === true ? EXIT.done : EXIT.failed;
}
