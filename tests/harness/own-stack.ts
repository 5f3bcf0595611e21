import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configWith } from './quick-config.ts';
import { createStack, type Stack, type StackOptions } from './stack.ts';

/** Far more than a test asks for: where callers never pause, the limit is not what is looked at. */
const RATE_LIMIT_RPS = 100_000;

/** A stack with a configuration of its own, in a folder that goes away with it. */
export const createOwnStack = async (
  settings: Readonly<Record<string, number | boolean>> = {},
  options: StackOptions = {},
): Promise<Stack> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-own-'));
  const config = configWith(join(folder, 'config'), {
    rate_limit_rps: RATE_LIMIT_RPS,
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
