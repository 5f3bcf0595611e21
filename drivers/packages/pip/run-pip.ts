import { runTool } from '../../process/run-tool.ts';
import type { ToolResult, ToolRun } from '../../process/run-tool.ts';
import { pipEnvironment } from './pip-environment.ts';

/** Looking at packages takes seconds; a dry run may have to download some. */
export const READ_TIMEOUT_MS = 120_000;
export const PLAN_TIMEOUT_MS = 300_000;

export type PipLimits = Pick<ToolRun, 'timeoutMs' | 'signal' | 'onSpawn' | 'onStart'>;

/**
 * Runs pip in the interpreter that it shall change. `-I` keeps the working folder, PYTHON* variables and the user's
 * own site-packages out of it.
 */
export const runPip = (
  python: string,
  args: readonly string[],
  limits: PipLimits,
): Promise<ToolResult> =>
  runTool({
    command: python,
    args: ['-I', '-X', 'utf8', '-m', 'pip', ...args],
    cwd: '/',
    env: pipEnvironment(),
    ...limits,
  });
