import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scratch {
  readonly requirements: string;
  readonly report: string;
}

/** Writes a requirements file that only this user can read, for as long as `use` runs. */
export const withRequirementsFile = async <T>(
  lines: readonly string[],
  use: (scratch: Scratch) => Promise<T>,
): Promise<T> => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-pip-'));
  try {
    const requirements = join(dir, 'requirements.txt');
    await writeFile(requirements, `${lines.join('\n')}\n`, { mode: 0o600 });
    return await use({ requirements, report: join(dir, 'report.json') });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};
