import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { preloadEngine } from '@holdfast/store';
import { createLogger, logTo } from '../log/logger.ts';
import { readBuildId } from './build-id.ts';
import { onBecome, type Become } from './child-channel.ts';

/** What it holds ready; an import of which nothing is used would be left out of the bundle. */
export { runKernel } from './run-kernel.ts';

/**
 * The process in reserve: it has loaded what every kernel shares, knows nothing of any, and waits. Told what to become it
 * takes the log file of that program as its output and loads the program, which finds the channel open and gets the
 * `init` that follows. It leaves at once when its guardian is gone before that, or when another build has taken the
 * place of its own, since the program would then load everything anew and find no channel.
 */
const build = readBuildId();
const [STDOUT, STDERR] = [1, 2];

/** The lowest free number is taken by the next file that is opened (POSIX open): so the file gets the one just closed. */
const replaceOutput = (file: string): void => {
  for (const wanted of [STDOUT, STDERR]) {
    closeSync(wanted);
    const got = openSync(file, 'a', 0o600);
    if (got !== wanted) throw new Error(`output ${wanted} went to another file`);
  }
};

const become = async ({ entry, log }: Become): Promise<void> => {
  const name = basename(log, '.log');
  if (process.platform === 'win32') logTo(openSync(log, 'a', 0o600));
  else replaceOutput(log);
  if (readBuildId() !== build) throw new Error('another build has taken the place of this one');
  process.title = `${name} ${entry}`;
  // The name is computed: which of the programs of this build it is comes from the guardian alone.
  await import(pathToFileURL(entry).href);
};

onBecome((message) => {
  become(message).catch((error: unknown) => {
    createLogger('spare', 'error').fatal({ err: error }, 'becoming another program failed');
    process.exit(1);
  });
});
await preloadEngine();
