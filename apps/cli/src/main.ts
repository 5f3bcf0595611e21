import { stackHome } from '@holdfast/client/stack';
import { run } from '@stricli/core';
import { app } from './app.ts';
import type { CliContext } from './context.ts';

const USAGE = 64;

const context: CliContext = {
  process,
  home: stackHome(process.env),
  dist: new URL('./', import.meta.url),
};

// A reader that has seen enough (`| head`) is no failure of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 1),
  );

await run(app, process.argv.slice(2), context);

// The parser reports misuse by negative codes, which a shell sees as high ones.
const { exitCode } = process;
if (typeof exitCode === 'number' && (exitCode < 0 || exitCode > 128)) process.exitCode = USAGE;
