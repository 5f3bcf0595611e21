import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HoldfastError, isHoldfastError } from '@holdfast/contracts';
import { isSameProcess, type ProcessIdentity } from '@holdfast/sdk/process';
import { writeActive } from './config/active-file.ts';
import { settleSettings } from './config/settle-settings.ts';
import { readIfPresent } from './home/private-file.ts';
import { readSettings } from './start/settings.ts';

/**
 * Writes down, for a stack that does not run, with which profile it starts next: that of HOLDFAST_PROFILE. Prints one
 * JSON document, `{profile, dropped, changed, effective}` or `{code, message}`. Exit 0 when it is so, 1 otherwise. Without
 * HOLDFAST_PROFILE it changes nothing and says what is in force.
 */
const { home, profile, firstProfile, profilesDir } = readSettings(
  process.env,
  dirname(fileURLToPath(import.meta.url)),
  false,
);

const say = (document: object): void => void process.stdout.write(`${JSON.stringify(document)}\n`);

const livingHead = async (name: string): Promise<number | undefined> => {
  try {
    const text = await readIfPresent(join(home, 'run', name));
    const identity = JSON.parse(text ?? 'null') as ProcessIdentity | null;
    return identity !== null && (await isSameProcess(identity)) ? identity.pid : undefined;
  } catch {
    return undefined;
  }
};

const refuseRunning = async (): Promise<void> => {
  for (const name of ['keeper.json', 'guardian.json']) {
    const pid = await livingHead(name);
    if (pid !== undefined) throw new HoldfastError('already_running', { home, pid });
  }
};

try {
  const settled = await settleSettings(profilesDir, home, profile, firstProfile);
  const { active, dropped, changed, profile: effective } = settled;
  if (changed) {
    await refuseRunning();
    await writeActive(home, active);
  }
  say({ profile: active.profile, revision: active.revision, dropped, changed, effective });
} catch (error) {
  if (!isHoldfastError(error)) throw error;
  say({ code: error.code, message: error.message });
  process.exitCode = 1;
}
