import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCrashProgram, runUntilKilled } from './crash-program.ts';
import { codeOf, names, notesMigration } from './harness.ts';
import type { Harness } from './harness.ts';

/** Moments of death, in acknowledged writes: the start, within a burst, and after many commits. */
const deaths = [1, 37, 411, 1503];

export function crashCases({ open, newKernel, target }: Harness): void {
  let program = '';
  beforeAll(async () => {
    program = await buildCrashProgram();
  });
  afterAll(() => rmSync(program, { force: true }));

  it('finds every acknowledged write whole after kill -9, and nothing in halves', async () => {
    const options = { kernel: newKernel(), migrations: [notesMigration], ...target() };
    const acknowledged: string[] = [];
    for (const [round, count] of deaths.entries()) {
      acknowledged.push(...(await runUntilKilled(program, options, round, count)));
      const store = await open(options);
      const rows = await store.read<{ name: string }>('SELECT name FROM notes');
      const found = new Set(rows.map((row) => row.name));
      expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
      const isTwin = (name: string) => name.endsWith(' twin');
      const halves = [...found].filter(
        (name) => !found.has(isTwin(name) ? name.slice(0, -5) : `${name} twin`),
      );
      expect(halves).toEqual([]);
      await store.close();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(deaths.reduce((a, b) => a + b));
  }, 30_000);

  it('refuses a writer beside another process, and lets it in when that is killed', async () => {
    const options = { kernel: newKernel(), migrations: [notesMigration], ...target() };
    const acknowledged = await runUntilKilled(program, options, 1, 3, async () => {
      expect(await codeOf(open({ ...options, lockTimeoutMs: 20 }))).toBe('STORE_LOCKED');
      expect(await names(await open({ ...options, readonly: true }))).toContain('1.1.0');
    });
    expect(await names(await open(options))).toEqual(expect.arrayContaining(acknowledged));
  }, 30_000);
}
