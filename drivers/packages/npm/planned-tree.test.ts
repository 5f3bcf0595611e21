import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPlannedTree } from './planned-tree.ts';

it('lists what a lock file puts at the top for this machine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-lock-'));
  const elsewhere = process.platform === 'win32' ? 'linux' : 'win32';
  const packages = {
    '': { name: 'root', version: '9.0.0' },
    'node_modules/plain': { version: '1.0.0' },
    'node_modules/@scope/name': { version: '1.1.0' },
    'node_modules/plain/node_modules/nested': { version: '1.2.0' },
    'node_modules/linked': { link: true, resolved: '../linked' },
    '../linked': { version: '1.3.0' },
    'node_modules/here': {
      version: '2.0.0',
      optional: true,
      os: [process.platform],
      cpu: ['any', process.arch],
    },
    'node_modules/other-os': { version: '2.0.0', optional: true, os: [elsewhere] },
    'node_modules/not-here': { version: '2.0.0', optional: true, os: [`!${process.platform}`] },
    'node_modules/other-cpu': { version: '2.0.0', optional: true, cpu: ['none'] },
    'node_modules/other-libc': { version: '2.0.0', optional: true, os: ['linux'], libc: ['none'] },
    'node_modules/required': { version: '3.0.0', os: [elsewhere] },
  };
  try {
    await writeFile(
      join(folder, 'package-lock.json'),
      JSON.stringify({ lockfileVersion: 3, packages }),
    );
    expect(await readPlannedTree(folder)).toEqual({
      plain: '1.0.0',
      '@scope/name': '1.1.0',
      here: '2.0.0',
      required: '3.0.0',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
