import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles the agent with the slow driver into one file that Node can run. */
export const bundleSlowAgent = async (dir: string): Promise<string> => {
  const outfile = join(dir, 'slow-agent.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'slow-agent-main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
};

export interface AgentProcess {
  readonly child: ChildProcess;
  /** Ends it like a power cut. */
  kill(): Promise<void>;
  /** Ends it as the guardian would. */
  stop(): Promise<void>;
}

export const spawnAgent = (file: string, env: Record<string, string>): AgentProcess => {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const closed = once(child, 'close');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await closed;
  };
  return { child, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
};
