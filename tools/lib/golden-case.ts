import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tools = fileURLToPath(new URL('..', import.meta.url));
export const fixtures = join(tools, 'fixtures');

/** Writes the files of a `tree.txt` under a folder. */
const plant = (tree: string, folder: string): void => {
  for (const part of tree.split(/^== /m).slice(1)) {
    const end = part.indexOf('\n');
    const file = join(folder, part.slice(0, end));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, part.slice(end + 1));
  }
};

/** Runs a tool on the tree of a case: exit code, then standard error, then standard output. */
export const runCase = (tool: string, name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tools-'));
  try {
    plant(readFileSync(join(fixtures, tool, name, 'tree.txt'), 'utf8'), folder);
    spawnSync('git', ['init', '--quiet'], { cwd: folder });
    const floor = tool === 'check-errors' ? [] : ['--min-files', '0'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(tools, `${tool}.mjs`), '--root', folder, ...floor],
      { encoding: 'utf8' },
    );
    return `exit ${status}\n${stderr}${stdout}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
