import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@holdfast/store';
import { auditLedger } from './audit-ledger.ts';
import { logMigrations } from './migrations.ts';
import { verifierKeyPath } from './signing-key.ts';

/**
 * Checks the whole ledger without any server: reads the stored entries of HOLDFAST_HOME (or HOLDFAST_DATABASE_URL)
 * read-only and prints one JSON document. A checkpoint note seen earlier may come on standard input as a witness.
 * Exit 0 when nothing is wrong, 1 when something is, 64 when there is no ledger to read.
 */
const home = process.env['HOLDFAST_HOME'] || join(homedir(), '.holdfast');
const keyPath = verifierKeyPath(home);

const readWitness = (): string | undefined => {
  const text = process.stdin.isTTY ? '' : readFileSync(0, 'utf8');
  return text === '' ? undefined : text;
};

const main = async (): Promise<number> => {
  if (!existsSync(keyPath)) {
    process.stderr.write(`there is no ledger in ${home}\n`);
    return 64;
  }
  const store = await openStore({
    kernel: 'immutable_log',
    dir: join(home, 'data'),
    databaseUrl: process.env['HOLDFAST_DATABASE_URL'] || undefined,
    migrations: logMigrations,
    readonly: true,
  });
  try {
    const result = await auditLedger({
      store,
      verifierKey: readFileSync(keyPath, 'utf8').trim(),
      witness: readWitness(),
    });
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.ok ? 0 : 1;
  } finally {
    await store.close();
  }
};

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `reading the ledger failed: ${error instanceof Error ? error.message : 'unknown'}\n`,
  );
  process.exitCode = 1;
}
