import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { REGRESSIONS } from './regressions.ts';

const HISTORIES = Number(process.env['HOLDFAST_SIMULATION_HISTORIES'] ?? 100_000);
const FROM = Number(process.env['HOLDFAST_SIMULATION_SEED'] ?? 1);
/** What a history must not take longer than, however busy the machine is. */
const MOST_MS_EACH = 400;
const START_MS = 60_000;
/** So many histories have to show a defect that was put in. */
const MUTANT_HISTORIES = 2_000;
const SQLITE_HISTORIES = 200;
const WATCHED_HISTORIES = 400;

const root = fileURLToPath(new URL('../..', import.meta.url));

const MUTANTS = JSON.parse(
  readFileSync(join(root, 'tests', 'simulation', 'mutants.json'), 'utf8'),
) as Record<string, unknown>;

interface Answer {
  readonly code: number;
  readonly output: string;
  readonly last: Readonly<Record<string, unknown>>;
}

const simulate = (...args: readonly string[]): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const run = join(root, 'tests', 'simulation', 'run.mjs');
    const child = spawn(process.execPath, [run, ...args], { cwd: root });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      const text = output.trimEnd().split('\n').at(-1) ?? '';
      if (!text.startsWith('{')) return reject(new Error(`${args.join(' ')}:\n${output}`));
      resolve({
        code: code ?? 1,
        output,
        last: JSON.parse(text) as Answer['last'],
      });
    });
  });

const many = (histories: number, from: number, ...more: readonly string[]): Promise<Answer> =>
  simulate(
    ...['--histories', String(histories), '--from', String(from)],
    ...['--workers', String(availableParallelism()), ...more],
  );

test(
  `${HISTORIES} histories of faults keep every promise (HOLDFAST_SIMULATION_SEED=${FROM})`,
  async () => {
    const { code, output, last } = await many(HISTORIES, FROM);
    console.log(output.trimEnd());
    expect(code).toBe(0);
    expect(last).toMatchObject({ histories: HISTORIES, failed: 0 });
    // A simulation in which little happens shows little.
    expect(Number(last['faults'])).toBeGreaterThan(HISTORIES);
    expect(Number(last['effects'])).toBeGreaterThan(HISTORIES / 3);
  },
  START_MS + HISTORIES * MOST_MS_EACH,
);

describe('a history', () => {
  const seeds = ['3', '44', '1057'];
  const digest = async (...args: readonly string[]): Promise<unknown> =>
    (await simulate(...args, '--digest')).last['digest'];

  test.each(seeds)(
    'of seed %s is the same to the letter in every process and after any other',
    async (seed) => {
      const first = await digest('--seed', seed);
      expect(first).toMatch(/^[0-9a-f]{64}$/);
      expect(await digest('--seed', seed, '--after', '5')).toBe(first);
      expect(await digest('--seed', String(Number(seed) + 1))).not.toBe(first);
    },
    START_MS,
  );

  test.each(seeds)(
    'of seed %s is the same on SQLite as on the simulated tables',
    async (seed) => {
      expect(await digest('--seed', seed, '--store', 'sqlite')).toBe(await digest('--seed', seed));
    },
    START_MS,
  );
});

test(
  'as many histories on SQLite come to the same figures',
  async () => {
    const figures = async (...more: readonly string[]): Promise<unknown> => {
      const { seconds: _, ...rest } = (await many(SQLITE_HISTORIES, 1, ...more)).last;
      return rest;
    };
    expect(await figures('--store', 'sqlite')).toEqual(await figures());
  },
  START_MS + 2 * SQLITE_HISTORIES * MOST_MS_EACH,
);

test(
  'nobody in a history changes a value that another one has too',
  async () => {
    const { code, last } = await many(WATCHED_HISTORIES, 1, '--watch');
    expect(code).toBe(0);
    expect(last).toMatchObject({ histories: WATCHED_HISTORIES, failed: 0 });
  },
  START_MS + 2 * WATCHED_HISTORIES * MOST_MS_EACH,
);

describe('a defect that is put in', () => {
  test.each(Object.keys(MUTANTS))(
    'is found: %s',
    async (mutant) => {
      const found = await many(MUTANT_HISTORIES, 1, '--first', '--mutant', mutant);
      expect(found.output).toContain('fails:');
      expect(found.code).toBe(1);
    },
    START_MS + MUTANT_HISTORIES * MOST_MS_EACH,
  );

  test(
    'is shown by a seed with the least that it takes, and that shows it again',
    async () => {
      const mutant = 'the kill switch does not hold steps';
      const { output } = await many(MUTANT_HISTORIES, 1, '--first', '--mutant', mutant);
      const [, seed, without = ''] = /--seed (\d+)(?: --without '([^']*)')? --trace/.exec(output)!;
      const again = ['--seed', seed!, '--without', without];
      const shown = await simulate(...again, '--mutant', mutant);
      expect(shown.code).toBe(1);
      expect(shown.last['problems']).not.toEqual([]);
      expect((await simulate(...again)).last['problems']).toEqual([]);
    },
    START_MS * 4,
  );
});

describe('a defect that was found', () => {
  test.each(REGRESSIONS)(
    'stays away: $words',
    async ({ seed, without }) => {
      const history = ['--seed', String(seed), '--length', 'long', '--without', without.join(',')];
      const { last } = await simulate(...history);
      expect(last['problems']).toEqual([]);
    },
    START_MS,
  );
});
