import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configWith, type Settings } from './quick-config.ts';
import { createStack, type Stack, type StackOptions } from './stack.ts';

/** Far more than a test asks for: where callers never pause, the limit is not what is looked at. */
const RATE_LIMIT_RPS = 100_000;

/**
 * A stack with a configuration of its own, in a folder that goes away with it. Unless told otherwise its kernels run
 * always: a sleeping one has no process to look at.
 */
export const createOwnStack = async (
  settings: Settings = {},
  options: StackOptions = {},
): Promise<Stack> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-own-'));
  const config = configWith(join(folder, 'config'), {
    rate_limit_rps: RATE_LIMIT_RPS,
    activation: 'always',
    ...settings,
  });
  const stack = await createStack({
    ...options,
    home: join(folder, 'home'),
    env: { HOLDFAST_CONFIG_DIR: config, ...options.env },
  });
  return {
    ...stack,
    async destroy() {
      await stack.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
