import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelRow } from '@holdfast/contracts';
import { expect, test } from 'vitest';
import { allKernels } from './all.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

const folders = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name !== 'node_modules' ? [entry.name] : [],
  );

const programs = folders(root).flatMap((tier) =>
  folders(join(root, tier)).flatMap((id) =>
    existsSync(join(root, tier, id, 'main.ts')) ? [`${tier}/${id}`] : [],
  ),
);

test('lists exactly the folders that hold a program, under their tier', () => {
  const listed = allKernels.map(({ id }) => `${kernelRow(id).tier}/${id}`);
  expect(listed.sort()).toEqual(programs.sort());
});

test('lists kernels in port order', () => {
  const ports = allKernels.map(({ id }) => kernelRow(id).port);
  expect(ports).toEqual([...ports].sort((a, b) => a - b));
});

test('gives each kernel its own API', () => {
  for (const { id, api } of allKernels) expect(api.kernel).toBe(id);
});

test('lets a kernel need only kernels that ship', () => {
  // The guardian is no kernel, and is always there.
  const ids = [...allKernels.map(({ id }): string => id), 'guardian'];
  for (const { needs } of allKernels)
    for (const { kernel } of Object.values(needs)) expect(ids).toContain(kernel);
});
