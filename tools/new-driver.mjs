import { loadTypescript } from './lib/load-typescript.mjs';
import { toolArgs } from './lib/tool-args.mjs';
import { driverFiles } from './scaffold/driver-files.mjs';
import { pascal } from './scaffold/names.mjs';
import { extend, writeNew } from './scaffold/write-new.mjs';

/**
 * Starts a package driver: its folder, its name in the contract, and its place in the list of drivers that ship. It
 * compiles, reads nothing yet, refuses changes, and has a test that passes. Usage: node tools/new-driver.mjs <id>
 */
const { root, positionals } = toolArgs();
const [id = ''] = positionals;
const INVENTORY = 'packages/contracts/src/records/inventory.ts';
const { PACKAGE_MANAGERS } = await loadTypescript(root, INVENTORY);
if (!/^[a-z][a-z0-9]{1,19}$/.test(id) || PACKAGE_MANAGERS.includes(id)) {
  console.error(
    `new-driver: expected a new id of lower case letters and digits, got '${id}'; there are: ${PACKAGE_MANAGERS.join(' ')}`,
  );
  process.exit(64);
}
const factory = `create${pascal(id)}Driver`;
writeNew(root, driverFiles(id));
extend(root, INVENTORY, (text) =>
  text.replace(/(PACKAGE_MANAGERS = \[[^\]]*)\]/, (_all, list) => `${list}, '${id}']`),
);
extend(root, 'drivers/packages/shipped-drivers.ts', (text) =>
  text
    .replace(/\n\n/, `\nimport { ${factory} } from './${id}/${id}-driver.ts';\n\n`)
    .replace(/\n\];/, `\n  ${factory}(),\n];`),
);
extend(
  root,
  'drivers/index.ts',
  (text) => `${text.trimEnd()}\nexport { ${factory} } from './packages/${id}/${id}-driver.ts';\n`,
);
console.log(`
next:
  npx tsc -p tsconfig.json   names what else has to know ${id}: its versions and names in packages/versions
  a driver that changes packages passes describeDriverConformance of packages/testkit
  make generate`);
