import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Arguments of a tool: `--root DIR` (this repository unless told), `options` as for `util.parseArgs`, positionals.
 * Ends the program with 64 when there is one that it does not know.
 */
export const toolArgs = (options = {}) => {
  try {
    const { values, positionals } = parseArgs({
      options: { root: { type: 'string', default: repository }, ...options },
      allowPositionals: true,
    });
    return { ...values, root: resolve(values.root), positionals };
  } catch (error) {
    console.error(error.message);
    process.exit(64);
  }
};
