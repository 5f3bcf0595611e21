import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository, scratchCopy } from './lib/scratch-copy.ts';

const SLOW_MS = 240_000;

let copy: string;
beforeAll(() => {
  copy = scratchCopy();
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs a program of node in the copy: exit code and everything it said. */
const run = (program: string, ...args: string[]) => {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(repository, program), ...args],
    { cwd: copy, encoding: 'utf8', env },
  );
  return { status, said: stdout + stderr };
};
const scaffold = (tool: string, id: string) => run(`tools/${tool}.mjs`, '--root', copy, id);
const passing = (...folders: string[]) =>
  run('node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...folders);

const typeCheck = (...files: string[]) => {
  const config = join(copy, 'tsconfig.scaffold.json');
  writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', include: [], files }));
  return run('node_modules/typescript/bin/tsc', '-p', config);
};

test(
  'a new kernel compiles, starts, passes its test and is listed in port order',
  () => {
    expect(scaffold('new-kernel', 'memory_kernel')).toMatchObject({ status: 0 });
    const folder = 'kernels/core/memory_kernel';
    expect(typeCheck('kernels/all.ts', `${folder}/main.ts`, `${folder}/kernel.test.ts`)).toEqual({
      status: 0,
      said: '',
    });
    const tests = passing(folder, 'kernels/all.test.ts');
    expect(tests.said).toMatch(/Test Files.* 2 passed/);
    expect(tests.status).toBe(0);
    const graph = (...args: string[]) => run('tools/kernel-graph.mjs', '--root', copy, ...args);
    expect(graph('--check')).toMatchObject({
      status: 1,
      said: expect.stringContaining('missing; run: node tools/kernel-graph.mjs'),
    });
    expect(graph().status).toBe(0);
    expect(graph('--check').status).toBe(0);
    const lines = readFileSync(join(copy, 'generated/kernel-graph.txt'), 'utf8').split('\n');
    expect(lines).toContain('8103 core       memory_kernel');
    const rules = run('tools/check-boundaries.mjs', '--root', copy);
    expect(rules.said).not.toContain(folder);
  },
  SLOW_MS,
);

test('a kernel that is there already or has no row is refused with the ids that are free', () => {
  for (const id of ['message_bus', '../up']) {
    const { status, said } = scaffold('new-kernel', id);
    expect(status).toBe(64);
    expect(said).toMatch(/free: .*orchestrator/);
  }
});

test(
  'a new driver compiles, passes its tests and ships with the agent',
  () => {
    expect(scaffold('new-driver', 'brew')).toMatchObject({ status: 0 });
    const folder = 'drivers/packages/brew';
    expect(typeCheck(`${folder}/brew-driver.ts`, `${folder}/brew-driver.test.ts`)).toEqual({
      status: 0,
      said: '',
    });
    const tests = passing(folder);
    expect(tests.said).toMatch(/Tests.* 2 passed/);
    const list = readFileSync(join(copy, 'drivers/packages/shipped-drivers.ts'), 'utf8');
    expect(list).toContain('  createBrewDriver(),\n];');
  },
  SLOW_MS,
);

test('a driver that is there already or has a bad id is refused', () => {
  for (const id of ['pip', '../up'])
    expect(scaffold('new-driver', id)).toMatchObject({ status: 64 });
});
