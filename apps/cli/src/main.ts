import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '@stricli/core';
import { createApp } from './app.ts';
import type { CliContext } from './context.ts';

const USAGE = 64;

const home = resolve(process.env['HOLDFAST_HOME'] || join(homedir(), '.holdfast'));
const context: CliContext = { process, home, dist: new URL('./', import.meta.url) };

// The error table is loaded only when something fails: `--help` needs none of it.
let explain: typeof import('./explain-error.ts') | undefined;
const app = createApp(
  (error) => explain?.errorText(error) ?? 'error: unknown failure',
  (error) => explain?.explainError(error).exit ?? 1,
);

const wantsHelpOnly =
  process.argv.length <= 2 ||
  process.argv.some((arg) => arg === '--help' || arg === '-h' || arg === '--version');
if (!wantsHelpOnly) explain = await import('./explain-error.ts');

await run(app, process.argv.slice(2), context);

// The parser reports misuse by negative codes.
if (typeof process.exitCode === 'number' && (process.exitCode < 0 || process.exitCode > 128))
  process.exitCode = USAGE;
