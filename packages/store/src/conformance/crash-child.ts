import { writeSync } from 'node:fs';
import { openStore } from '../open-store.ts';
import type { StoreOptions } from '../store.ts';

/** Appends pairs of rows from several callers and says which were acknowledged, until it is killed. */
interface ChildOptions extends StoreOptions {
  round: number;
}

const { round, ...options } = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const store = await openStore(options);
const sql = 'INSERT INTO notes (name, size) VALUES (?, ?)';

async function append(caller: number): Promise<void> {
  for (let turn = 0; ; turn++) {
    const name = `${round}.${caller}.${turn}`;
    await store.write([
      { sql, params: [name, turn] },
      { sql, params: [`${name} twin`, turn] },
    ]);
    writeSync(1, `${name}\n`);
  }
}

await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(append));
