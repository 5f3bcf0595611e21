import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The documents that the product comes with: `docs` of the checkout that this code, or its bundle, lies in. */
export const findProductDocs = (from: string = import.meta.url): string | undefined => {
  let folder = dirname(fileURLToPath(from));
  for (;;) {
    if (existsSync(join(folder, 'docs', 'runbooks'))) return join(folder, 'docs');
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
};
