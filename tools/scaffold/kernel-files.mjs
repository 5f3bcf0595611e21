import { camel, kebab } from './names.mjs';

/** The contract of a new kernel: no operation yet. */
const apiFile = ({ id }) => `import { defineApi } from '../api.ts';

export const ${camel(id)}Api = defineApi({
  kernel: '${id}',
  ops: {},
});
`;

const kernelFile = ({ id }) => `import { ${camel(id)}Api } from '@holdfast/contracts';
import { defineKernel } from '@holdfast/sdk';
import { z } from 'zod';
import { migrations } from './migrations.ts';

export const ${camel(id)} = defineKernel({
  id: '${id}',
  api: ${camel(id)}Api,
  config: { schema: z.strictObject({}), fromProfile: () => ({}) },
  needs: {},
  subscribes: [],
  migrations,
  init: async () => ({ handlers: {} }),
});
`;

const mainFile = ({ id }) => `import { runKernel } from '@holdfast/sdk';
import { ${camel(id)} } from './kernel.ts';

await runKernel(${camel(id)});
`;

const migrationsFile = () => `import type { Migration } from '@holdfast/store';

/** Versions below 10 belong to the SDK. */
export const migrations: readonly Migration[] = [];
`;

const testFile = ({ id }) => `import { createWorld, type World } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ${camel(id)} } from './kernel.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ kernels: [${camel(id)}] });
});
afterEach(() => world.close());

test('is healthy after its start', async () => {
  const health = await world.host('${id}').health();
  expect(health.checks.map(({ name, ok }) => [name, ok])).toContainEqual(['store', true]);
});
`;

/** The files of a new kernel: path to text. `row` is its row of KERNEL_TABLE. */
export const kernelFiles = (row) => {
  const folder = `kernels/${row.tier}/${row.id}`;
  return {
    [`packages/contracts/src/apis/${kebab(row.id)}-api.ts`]: apiFile(row),
    [`${folder}/kernel.ts`]: kernelFile(row),
    [`${folder}/main.ts`]: mainFile(row),
    [`${folder}/migrations.ts`]: migrationsFile(),
    [`${folder}/kernel.test.ts`]: testFile(row),
  };
};
