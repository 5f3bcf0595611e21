import { camel, kebab } from './names.mjs';
import { extend, withLine } from './write-new.mjs';

/** Adds an import and, at position `at`, a name to a module that is one array of imported names. */
const addToArray = (text, importLine, name, at) => {
  const lines = text.split('\n');
  const items = lines.filter((line) => /^ {2}\w+,$/.test(line));
  const lastImport = lines.findLastIndex((line) => line.startsWith('import '));
  if (lastImport < 0 || items.length < at) return text;
  const first = lines.indexOf(items[0]);
  lines.splice(first + at, 0, `  ${name},`);
  lines.splice(lastImport + 1, 0, importLine);
  return lines.join('\n');
};

/**
 * Adds a kernel to the lists that have to know it, in port order. `ports`: those of the APIs and of the kernels that
 * are listed, in the order of the lists.
 */
export const addToLists = (root, row, ports) => {
  const place = (list) => list.filter((port) => port < row.port).length;
  const name = camel(row.id);
  const api = `${kebab(row.id)}-api.ts`;
  extend(root, 'packages/contracts/src/index.ts', (text) =>
    withLine(text, `export * from './apis/${api}';`),
  );
  extend(root, 'packages/contracts/src/apis/all.ts', (text) =>
    addToArray(text, `import { ${name}Api } from './${api}';`, `${name}Api`, place(ports.apis)),
  );
  const path = `./${row.tier}/${row.id}/kernel.ts`;
  extend(root, 'kernels/all.ts', (text) =>
    addToArray(text, `import { ${name} } from '${path}';`, name, place(ports.kernels)),
  );
};
