import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isHoldfastError } from '@holdfast/contracts';
import { openCustody, type Custody } from './custody/custody.ts';
import type { Guardian } from './guardian.ts';
import { startGuardian } from './guardian.ts';
import { describeStart } from './start/report.ts';
import { readSettings } from './start/settings.ts';

/** The terminal may go away before its stack does. */
const ignoreBrokenOutput = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
};

const refuse = async (error: unknown, custody: Custody): Promise<void> => {
  const known = isHoldfastError(error);
  const message = known ? error.message : `starting the guardian: ${(error as Error).message}`;
  process.stderr.write(`${message}\n`);
  const code = known ? error.code : 'internal';
  await custody.tell({ type: 'news', news: { type: 'refused', code, message } });
  await custody.tell({ type: 'finished', code: 1 });
  process.exit(1);
};

const stopOnSignals = (guardian: Guardian): void => {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => guardian.stop(name));
  }
};

/** The keeper starts another guardian, which takes over the processes: none of them notices. */
const leaveOnUncaught = (guardian: Guardian): void => {
  const leave = (error: unknown): void => {
    guardian.log.error('uncaught failure', {
      error: error instanceof Error ? error.stack : String(error),
    });
    process.exit(1);
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
  const custody = await openCustody(join(distDir, 'keeper.js'));
  let guardian: Guardian;
  let settings;
  try {
    settings = readSettings(process.env, distDir, process.stdout.isTTY === true);
    guardian = await startGuardian(settings, custody);
  } catch (error) {
    await refuse(error, custody);
    return;
  }
  leaveOnUncaught(guardian);
  stopOnSignals(guardian);
  await Promise.race([guardian.settled, guardian.stopped]);
  const status = guardian.status();
  const first = custody.held.length === 0;
  if (settings.foreground && first && status.state !== 'stopping') {
    const { url, dropped, credentials } = guardian;
    const { home, killSwitch } = settings;
    const elapsedMs = performance.now() - began;
    process.stdout.write(
      describeStart({ status, url, home, killSwitch, elapsedMs, dropped, ...credentials }),
    );
  }
  const { url, dropped } = guardian;
  await custody.tell({ type: 'news', news: { type: 'started', url, status, dropped } });
  await guardian.stopped;
  process.exit();
};

await main();
