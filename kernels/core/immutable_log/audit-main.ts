import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@holdfast/store';
import { auditLedger } from './audit-ledger.ts';
import { logMigrations } from './migrations.ts';
import { verifierKeyPath } from './signing-key.ts';

/**
 * Checks the whole ledger without any server: reads the stored entries of HOLDFAST_HOME (or HOLDFAST_DATABASE_URL)
 * read-only and prints one JSON document. The checkpoints that others keep in HOLDFAST_HOME/witness (the bus, the command
 * line) show a ledger that was cut back and validly signed at an earlier time.
 * Exit 0 when nothing is wrong, 1 when something is, 64 when there is no ledger to read.
 */
const home = process.env['HOLDFAST_HOME'] || join(homedir(), '.holdfast');
const keyPath = verifierKeyPath(home);

const witnesses = (): string[] => {
  const folder = join(home, 'witness');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.checkpoint'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8'));
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
      witnesses: witnesses(),
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
