import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CliContext } from '../context.ts';

/**
 * The newest checkpoint that this user saw verified. Kept apart from the ledger's own files, it shows when the ledger
 * was cut back to an older state that was validly signed once.
 */
const witnessPath = (context: CliContext): string =>
  join(context.home, 'witness', 'cli.checkpoint');

export const keepWitness = (context: CliContext, note: string): void => {
  const path = witnessPath(context);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, note, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};
