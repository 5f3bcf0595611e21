import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../harness/run-program.ts';
import { createMkWorld, MK, type MkWorld } from './support/mk-world.ts';

const OUT = '--out o';

/** Command lines that cannot be done, with what the one line says. */
const BAD: readonly (readonly [string, string])[] = [
  ['frobnicate', 'unknown command: frobnicate'],
  ['closed-loop', 'a command is missing after: mk closed-loop (see --help)'],
  ['closed-loop run --frob', 'unknown flag: --frob'],
  ['closed-loop run stray', 'unexpected argument: stray'],
  ['closed-loop run --out', '--out needs a value'],
  ['closed-loop run --out=', '--out: must not be empty'],
  ['closed-loop run --apply=yes', '--apply takes no value'],
  ['closed-loop run --policy x', '--policy x: expected one of chord, scalar'],
  ['closed-loop run --policy chord --policy scalar', '--policy is given twice'],
  [
    'closed-loop run --cooldown-s abc',
    '--cooldown-s abc: expected a number, at least 0, at most 1000000000',
  ],
  ['closed-loop run --dry-run --apply', '--dry-run and --apply exclude each other'],
  [
    'closed-loop run --observe-source file',
    '--observe-path is required when --observe-source file',
  ],
  ['closed-loop run --observe-duration -1s', "invalid duration: '-1s' (use e.g. 1.5s or 250ms)"],
  ['closed-loop run --k8s-namespace A;b', '--k8s-namespace A;b: not a name that Kubernetes takes'],
  ['closed-loop watch --out o', '--scenario is required'],
  [
    'closed-loop watch --scenario drift --out o --max-iterations 1.5',
    '--max-iterations 1.5: expected a whole number, at least 1',
  ],
  [`observe --duration 1d ${OUT}`, "invalid duration: '1d' (use e.g. 1.5s or 250ms)"],
  [`observe --source file ${OUT}`, '--path is required when --source file'],
  [
    `observe --source file --path nowhere.jsonl ${OUT}`,
    "cannot read 'nowhere.jsonl': no such file",
  ],
  [
    `observe --source file --path samples.txt ${OUT}`,
    "cannot read 'samples.txt': expected a .jsonl or .csv file",
  ],
  [`k8s apply ${OUT}`, '--plan is required'],
  [`k8s apply --plan nowhere.json ${OUT}`, 'nowhere.json: no such file'],
  [`k8s apply --plan bad.json ${OUT}`, 'bad.json: is not JSON'],
  [
    `chords validate --catalog nowhere.json ${OUT}`,
    'invalid chord catalog: nowhere.json: no such file',
  ],
  [
    'passport show --template nobody',
    '--template nobody: expected one of comm, cost, io, perf, pilot, recovery, safe',
  ],
  ['passport validate --file nowhere.json', 'invalid passport: nowhere.json: no such file'],
  ['k8s render --plan latin1.json --out o', 'latin1.json: is not UTF-8'],
  ['k8s verify --plan /dev/zero --out o', '/dev/zero: is longer than 64 MiB'],
  ['quickstart --out afile/below', 'afile/below: is not a directory'],
  ['closed-loop run --out afile/below', 'afile/below: is not a directory'],
];

describe('bad input', () => {
  let world: MkWorld;
  beforeAll(() => {
    world = createMkWorld();
    world.write('bad.json', '{');
    world.write('samples.txt', '');
    writeFileSync(world.path('latin1.json'), Buffer.from('["\xe9"]', 'latin1'));
    world.write('afile', '');
  });
  afterAll(() => world.remove());

  it.each(BAD)('%s: one line on standard error, and 2', async (args, line) => {
    const { code, stdout, stderr } = await world.mk(args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `ERROR: ${line}\n` });
  });

  it('is refused with 2 where nobody reads the line, too', async () => {
    const { code } = await runProgram(
      'bash',
      ['-c', `'${MK}' k8s apply --plan nowhere.json --out o 2>&1 | true; exit "\${PIPESTATUS[0]}"`],
      { cwd: world.folder, env: world.env },
    );
    expect(code).toBe(2);
  });

  it('says that a report could not be written, and leaves no part of one', async () => {
    const limited = `ulimit -f 8; exec '${MK}' closed-loop run --out full`;
    const { code, stderr } = await runProgram('bash', ['-c', limited], {
      cwd: world.folder,
      env: world.env,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ERROR: [^\n]*the file is too large\n$/);
    for (const name of world.files('full').filter((file) => file.endsWith('.json')))
      expect(() => world.read(`full/${name}`)).not.toThrow();
    expect(world.files('full').filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it('never gives a trace for a catalog, a licence, a plan or samples of any other shape', async () => {
    const shapes = ['null', '[]', '7', '"x"', '{"a":1}', '[[]]', '{"items":{}}', '{"chords":[1]}'];
    for (const shape of shapes) {
      world.write('shape.json', shape);
      world.write('shape.jsonl', `${shape}\n`);
      for (const args of [
        'chords validate --catalog shape.json --out o',
        'license verify --license shape.json --out o',
        'k8s render --plan shape.json --out o',
        'k8s verify --plan shape.json --out o',
        'passport validate --file shape.json',
        'closed-loop run --observe-source file --observe-path shape.jsonl --out o',
      ]) {
        const { code, stderr } = await world.mk(args);
        expect([0, 2], `${args} with ${shape}`).toContain(code);
        expect(stderr, `${args} with ${shape}`).toMatch(code === 0 ? /^$/ : /^ERROR: [^\n]*\n$/);
      }
    }
  });
});

describe('help and version', () => {
  let world: MkWorld;
  beforeAll(() => {
    world = createMkWorld();
  });
  afterAll(() => world.remove());

  it('prints the version', async () => {
    expect(await world.mk('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^mk \d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });

  it.each(['--help', 'closed-loop --help', 'closed-loop run --help', 'k8s apply -h'])(
    'shows help for %s, and ends with 0',
    async (args) => {
      const { code, stdout, stderr } = await world.mk(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: mk /);
    },
  );
});
