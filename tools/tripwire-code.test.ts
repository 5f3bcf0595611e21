import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository } from './lib/scratch-copy.ts';

const RULES = join('packages', 'change', 'src', 'tripwires');
let copy: string;
const check = () =>
  spawnSync(process.execPath, [join(copy, 'tools', 'tripwire-code.mjs'), '--check'], {
    cwd: copy,
    encoding: 'utf8',
  });

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
  for (const folder of [RULES, join('tools', 'lib')]) {
    mkdirSync(join(copy, folder), { recursive: true });
    cpSync(join(repository, folder), join(copy, folder), { recursive: true });
  }
  const tool = join('tools', 'tripwire-code.mjs');
  cpSync(join(repository, tool), join(copy, tool));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('the digest of the hard rules is that of their code, whatever names and tests say', () => {
  expect(check()).toMatchObject({ status: 0 });
  appendFileSync(join(copy, RULES, 'tripwire-set.test.ts'), '// more\n');
  appendFileSync(join(copy, RULES, 'history.ts'), '// more\n');
  expect(check()).toMatchObject({ status: 0 });
});

test('a check that is loosened, or one that is added, shows in it', () => {
  writeFileSync(join(copy, RULES, 't15-more.ts'), 'export const more = true;\n');
  expect(check()).toMatchObject({ status: 1 });
  rmSync(join(copy, RULES, 't15-more.ts'));
  expect(check()).toMatchObject({ status: 0 });
  appendFileSync(join(copy, RULES, 't04-stop.ts'), ' ');
  expect(check()).toMatchObject({ status: 1 });
});
