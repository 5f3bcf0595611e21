import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { GuardianWorld } from './guardian-world.ts';
import { bundleGuardian, createGuardianWorld } from './guardian-world.ts';

let users = 0;
let bundled: Promise<string> | undefined;

/** The programs, bundled once a file and removed after its last test. */
const bundle = (): Promise<string> =>
  (bundled ??= mkdtemp(join(tmpdir(), 'holdfast-bundle-')).then(async (folder) => {
    await bundleGuardian(folder);
    return folder;
  }));

const useBundle = (): void => {
  users += 1;
  afterAll(async () => {
    users -= 1;
    if (users === 0 && bundled !== undefined) await rm(await bundled, { recursive: true });
  });
};

/** Gives each test of a file, or of a `describe`, a world of its own. */
export const useWorld = (): (() => GuardianWorld) => {
  let world: GuardianWorld;
  useBundle();
  beforeEach(async () => {
    world = await createGuardianWorld(await bundle());
  });
  afterEach(() => world.dispose());
  return () => world;
};

/** Gives all tests of a `describe` one world, for those that leave it as they found it. */
export const useSharedWorld = (
  begin: (world: GuardianWorld) => Promise<void>,
): (() => GuardianWorld) => {
  let world: GuardianWorld;
  useBundle();
  beforeAll(async () => {
    world = await createGuardianWorld(await bundle());
    await begin(world);
  });
  afterAll(() => world.dispose());
  return () => world;
};
