import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { GuardianWorld } from './guardian-world.ts';
import { bundleGuardian, createGuardianWorld } from './guardian-world.ts';

/** Gives each test of a file a world of its own; the programs are bundled once a file. */
export const useWorld = (): (() => GuardianWorld) => {
  let folder: string;
  let world: GuardianWorld;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-bundle-'));
    await bundleGuardian(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    world = await createGuardianWorld(folder);
  });
  afterEach(() => world.dispose());
  return () => world;
};
