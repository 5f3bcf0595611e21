import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';

interface Stopped {
  readonly stopped: boolean;
  readonly was_running: boolean;
  readonly processes: number;
}

export async function down(this: CliContext, flags: JsonFlag): Promise<void> {
  const program = fileURLToPath(new URL('guardian-stop.js', this.dist));
  const env = { ...this.process.env, HOLDFAST_HOME: this.home };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env }).catch(
    (cause: unknown) => {
      throw new CliError('stopping the stack: some processes did not end', {
        next: '`bin/holdfast status` shows what is left',
        cause,
      });
    },
  );
  const result = JSON.parse(stdout) as Stopped;
  print(this, flags, result, () =>
    result.was_running ? 'the stack is stopped' : `no stack was running in ${this.home}`,
  );
}
