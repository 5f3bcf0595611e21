import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isHoldfastError } from '@holdfast/contracts';
import type { Guardian } from './guardian.ts';
import { startGuardian } from './guardian.ts';
import { tellParent } from './parent-channel.ts';
import { describeStart } from './report.ts';
import { readSettings } from './settings.ts';

/** The terminal may go away before its stack does. */
const ignoreBrokenOutput = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
};

const refuse = async (error: unknown): Promise<void> => {
  const known = isHoldfastError(error);
  const text = known ? error.message : `starting the guardian: ${(error as Error).message}`;
  process.stderr.write(`${text}\n`);
  await tellParent({ type: 'refused', code: known ? error.code : 'internal', message: text });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
};

const stopOnSignals = (guardian: Guardian, foreground: boolean): void => {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => guardian.stop(name));
  }
  if (foreground) process.on('disconnect', () => guardian.stop('the parent went away'));
};

const stopOnUncaught = (guardian: Guardian): void => {
  const leave = (error: unknown): void => {
    guardian.log.error('uncaught failure', {
      error: error instanceof Error ? error.stack : String(error),
    });
    process.exitCode = 1;
    guardian.stop('an uncaught failure');
  };
  process.on('uncaughtException', leave);
  process.on('unhandledRejection', leave);
};

const main = async (): Promise<void> => {
  // Everything that a stack writes is for its owner alone; children inherit this.
  process.umask(0o077);
  const began = performance.now();
  ignoreBrokenOutput();
  const distDir = dirname(fileURLToPath(import.meta.url));
  let guardian: Guardian;
  let foreground: boolean;
  let settings;
  try {
    settings = readSettings(process.env, distDir, process.stdout.isTTY === true);
    ({ foreground } = settings);
    guardian = await startGuardian(settings);
  } catch (error) {
    await refuse(error);
    return;
  }
  stopOnUncaught(guardian);
  stopOnSignals(guardian, foreground);
  await Promise.race([guardian.settled, guardian.stopped]);
  const status = guardian.status();
  if (foreground && status.state !== 'stopping') {
    const { url, credentials } = guardian;
    const { home, killSwitch } = settings;
    const elapsedMs = performance.now() - began;
    process.stdout.write(
      describeStart({ status, url, home, killSwitch, elapsedMs, ...credentials }),
    );
  }
  await tellParent({ type: 'started', url: guardian.url, status });
  await guardian.stopped;
  process.exit();
};

await main();
