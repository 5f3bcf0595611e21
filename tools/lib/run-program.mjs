import { spawn } from 'node:child_process';

/**
 * Runs a program to its end: `{ code, output, ms }`, both streams together; `code` is undefined when a signal ended it.
 * `show` passes the output through instead of keeping it; `timeoutMs` ends it with SIGTERM.
 */
export const runProgram = (command, args, { cwd, env, show = false, timeoutMs } = {}) =>
  new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      timeout: timeoutMs,
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    const end = (code) => resolve({ code, output, ms: performance.now() - started });
    child.once('error', (error) => {
      output += `${error.message}\n`;
      end(undefined);
    });
    child.once('close', (code) => end(code ?? undefined));
  });

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
