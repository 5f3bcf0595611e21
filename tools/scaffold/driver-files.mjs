import { pascal } from './names.mjs';

const driverFile = (id) => `import { HoldfastError } from '@holdfast/contracts';
import type { Coverage, Inventory, PackageDriver } from '@holdfast/contracts';

const ABSENT: Coverage = {
  status: 'absent',
  reason: '${id} is not read on this machine',
  scanned: [],
};

const unavailable = (): Promise<never> => {
  const detail = 'packages are read, never changed';
  return Promise.reject(new HoldfastError('driver_unavailable', { driver: '${id}', detail }));
};

export const create${pascal(id)}Driver = (): PackageDriver => ({
  id: '${id}',
  capabilities: { inventory: true, apply: false, system: true },
  probe: () => Promise.resolve(undefined),
  inventory: (environment) =>
    Promise.resolve<Inventory>({
      manager: '${id}',
      environment: environment === 'system' ? 'system' : environment.path,
      packages: {},
      coverage: ABSENT,
      scanned_at: new Date().toISOString(),
    }),
  resolve: unavailable,
  verify: unavailable,
  apply: unavailable,
});
`;

const testFile = (id) => `import { inventorySchema } from '@holdfast/contracts';
import { expect, test } from 'vitest';
import { create${pascal(id)}Driver } from './${id}-driver.ts';

test('says what its scan covered', async () => {
  const found = inventorySchema.parse(await create${pascal(id)}Driver().inventory('system'));
  expect(found).toMatchObject({ manager: '${id}', environment: 'system' });
  expect(found.coverage.status === 'complete' || found.coverage.reason).toBeTruthy();
});

test('refuses to change packages', async () => {
  const request = { environment: '/srv/app', requirements: [], options: [] };
  await expect(create${pascal(id)}Driver().resolve(request)).rejects.toMatchObject({
    code: 'driver_unavailable',
  });
});
`;

/** The files of a new package driver: path to text. */
export const driverFiles = (id) => ({
  [`drivers/packages/${id}/${id}-driver.ts`]: driverFile(id),
  [`drivers/packages/${id}/${id}-driver.test.ts`]: testFile(id),
});
