import { join } from 'node:path';
import type { KernelId, Profile } from '@holdfast/contracts';
import { isKernelId } from '@holdfast/contracts';
import { readMovedPorts } from '../custody/moved-ports.ts';
import type { Custody } from '../custody/custody.ts';
import type { Credentials } from './credentials.ts';
import { settleCredentials } from './credentials.ts';
import type { GuardianLog } from '../logs/guardian-log.ts';
import { createGuardianLog } from '../logs/guardian-log.ts';
import { clearLeftovers } from './leftovers.ts';
import type { LogFiles } from '../logs/log-files.ts';
import { createLogFiles } from '../logs/log-files.ts';
import type { PortBook } from '../custody/port-book.ts';
import { openPortBook } from '../custody/port-book.ts';
import { makePrivateDirectory } from './private-file.ts';
import type { ProcessRecord, RunFiles } from './run-files.ts';
import { claimRunFiles } from './run-files.ts';
import type { Settings } from '../start/settings.ts';

/** What a guardian holds as long as it runs: nobody else has any of it. */
export interface OwnedHome {
  readonly log: GuardianLog;
  readonly logs: LogFiles;
  readonly runFiles: RunFiles;
  readonly ports: PortBook;
  readonly credentials: Credentials;
  /** Processes of a guardian before this one that serve on, to be taken over. */
  readonly toTakeOver: readonly ProcessRecord[];
  /** Kernels of an earlier stack that still have their ports: the healer ends them. */
  readonly squatters: readonly ProcessRecord[];
}

interface Options {
  readonly custody: Custody;
  readonly settings: Settings;
  readonly profile: Profile;
  readonly kernels: readonly KernelId[];
  readonly url: string;
}

/**
 * Takes a home for one guardian: claims it, takes the ports, settles the owner token. Processes of a guardian before this
 * one are kept when its keeper lives on; without it their sockets are lost, and they are ended. When one step refuses,
 * those before it are undone. Throws already_running, port_taken, admin_token_weak or config_invalid.
 */
export const takeHome = async (options: Options): Promise<OwnedHome> => {
  const { settings, profile, kernels, url, custody } = options;
  const { home, portOffset, adminToken } = settings;
  await makePrivateDirectory(home);
  await Promise.all(['logs', 'cache'].map((name) => makePrivateDirectory(join(home, name))));
  const logs = createLogFiles(join(home, 'logs'));
  const log = createGuardianLog(logs.pathOf('guardian'));
  const facts = { url, profile: profile.name };
  const succeeds = custody.memory !== undefined;
  const runFiles = await claimRunFiles(home, facts, {
    pid: custody.keeperPid,
    succeeds,
    tolerated: ({ message }) => log.warn('could not record the guardian', { error: message }),
  });
  const undo = [() => runFiles.release()];
  try {
    const { leftovers } = runFiles;
    const clear = (which: (name: string) => boolean): Promise<void> =>
      clearLeftovers(
        leftovers.filter(({ name }) => !succeeds && which(name)),
        profile.guardian.stop_timeout_ms,
        log,
      );
    await clear((name) => !isKernelId(name));
    const ports = await openPortBook({
      custody,
      moved: await readMovedPorts(home, portOffset),
      kernels,
      portOffset,
      gatewayAddress: profile.security.bind_address,
    });
    undo.unshift(async () => ports.releaseAll());
    const credentials = await settleCredentials({ home, url, adminToken });
    const squats = (name: string): boolean =>
      isKernelId(name) && kernels.includes(name) && !ports.holds(name);
    await clear((name) => isKernelId(name) && !squats(name));
    const squatters = succeeds ? [] : leftovers.filter(({ name }) => squats(name));
    const toTakeOver = succeeds ? leftovers : [];
    return { log, logs, runFiles, ports, credentials, toTakeOver, squatters };
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
};
