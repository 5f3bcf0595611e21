import { join } from 'node:path';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { createLaunchdManager } from './launchd/launchd-manager.ts';
import { runTool } from './run-tool.ts';
import type { ServiceManager } from './service-manager.ts';
import { deployFolder, type Scope } from './service-spec.ts';
import { createSystemdManager } from './systemd/systemd-manager.ts';
import { createWindowsManager } from './windows/windows-manager.ts';

/** The service manager of this system. Throws where there is none that Holdfast knows. */
export const pickManager = (context: CliContext, scope: Scope): ServiceManager => {
  const { env, platform } = context.process;
  const templates = (name: string): string => join(deployFolder(context), name);
  const run = runTool;
  if (platform === 'linux')
    return createSystemdManager({ scope, env, run, templates: templates('systemd') });
  if (platform === 'darwin') {
    const uid = context.process.getuid?.() ?? 0;
    return createLaunchdManager({ scope, uid, run, templates: templates('launchd') });
  }
  if (platform === 'win32')
    return createWindowsManager({ env, platform, run, templates: templates('windows') });
  throw new CliError(`no service manager is known for ${platform}`, {
    next: 'run `bin/holdfast up` under the one that you use; it stays in the foreground',
  });
};
