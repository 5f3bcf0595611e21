import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LogVerification } from '@holdfast/contracts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

const collect = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

/** Runs the ledger audit program on the stored entries; it talks to no server. */
export const runAudit = async (context: CliContext): Promise<LogVerification> => {
  const program = fileURLToPath(new URL('ledger-audit.js', context.dist));
  const env = { ...context.process.env, HOLDFAST_HOME: context.home };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, problem] = await Promise.all([collect(child.stdout), collect(child.stderr)]);
  if (out === '') throw new CliError(problem.trim() || 'the audit program ended without an answer');
  return JSON.parse(out) as LogVerification;
};
