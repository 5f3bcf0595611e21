import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '@stricli/core';
import { app } from './app.ts';
import type { CliContext } from './context.ts';

const USAGE = 64;

const home = resolve(process.env['HOLDFAST_HOME'] || join(homedir(), '.holdfast'));
const context: CliContext = { process, home, dist: new URL('./', import.meta.url) };

// A reader that has seen enough (`| head`) is no failure of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 1),
  );

await run(app, process.argv.slice(2), context);

// The parser reports misuse by negative codes, which a shell sees as high ones.
const { exitCode } = process;
if (typeof exitCode === 'number' && (exitCode < 0 || exitCode > 128)) process.exitCode = USAGE;
