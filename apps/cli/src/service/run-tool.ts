import { execFile } from 'node:child_process';

export interface ToolResult {
  /** Exit status; -1 when the program could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the system without a shell. Never rejects. */
export type RunTool = (file: string, args: readonly string[]) => Promise<ToolResult>;

const LIMIT_MS = 180_000;

export const runTool: RunTool = (file, args) =>
  new Promise((resolve) => {
    execFile(file, args, { timeout: LIMIT_MS, windowsHide: true }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      const words = stderr.trim() || (code === -1 ? (error?.message ?? '') : '');
      resolve({ code, stdout, stderr: words });
    });
  });
