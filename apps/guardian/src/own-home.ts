import { join } from 'node:path';
import type { KernelId, Profile } from '@holdfast/contracts';
import type { Credentials } from './credentials.ts';
import { settleCredentials } from './credentials.ts';
import type { GuardianLog } from './guardian-log.ts';
import { createGuardianLog } from './guardian-log.ts';
import { clearLeftovers } from './leftovers.ts';
import type { LogFiles } from './log-files.ts';
import { createLogFiles } from './log-files.ts';
import type { PortBook } from './port-book.ts';
import { openPortBook } from './port-book.ts';
import { makePrivateDirectory } from './private-file.ts';
import type { RunFiles } from './run-files.ts';
import { claimRunFiles } from './run-files.ts';
import type { Settings } from './settings.ts';

/** What a guardian holds as long as it runs: nobody else has any of it. */
export interface OwnedHome {
  readonly log: GuardianLog;
  readonly logs: LogFiles;
  readonly runFiles: RunFiles;
  readonly ports: PortBook;
  readonly credentials: Credentials;
}

interface Options {
  readonly settings: Settings;
  readonly profile: Profile;
  readonly kernels: readonly KernelId[];
  readonly url: string;
}

/**
 * Takes a home for one guardian: claims it, ends what an earlier guardian left behind, binds the ports, settles the
 * owner token. When one step refuses, those before it are undone. Throws already_running, port_taken, admin_token_weak
 * or config_invalid.
 */
export const takeHome = async (options: Options): Promise<OwnedHome> => {
  const { settings, profile, kernels, url } = options;
  const { home, portOffset, adminToken } = settings;
  await makePrivateDirectory(home);
  await Promise.all(['logs', 'cache'].map((name) => makePrivateDirectory(join(home, name))));
  const logs = createLogFiles(join(home, 'logs'));
  const log = createGuardianLog(logs.pathOf('guardian'));
  const runFiles = await claimRunFiles(home, { url, profile: profile.name });
  const undo = [() => runFiles.release()];
  try {
    await clearLeftovers(runFiles.leftovers, profile.guardian.stop_timeout_ms, log);
    const gatewayAddress = profile.security.bind_address;
    const ports = await openPortBook({ kernels, portOffset, gatewayAddress });
    undo.unshift(async () => ports.releaseAll());
    const credentials = await settleCredentials({ home, url, adminToken });
    return { log, logs, runFiles, ports, credentials };
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
};
