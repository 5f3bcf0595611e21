import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const manifest = (root, folder) => {
  const file = join(root, folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};

const folders = (root, parent) =>
  existsSync(join(root, parent))
    ? readdirSync(join(root, parent)).map((f) => `${parent}/${f}`)
    : [];

/**
 * Workspaces by folder: `{ id, folder, entries, declared, declaredForDevelopment }`. `id` is the name without its scope,
 * `entries` are the names by which others may import it.
 */
export const readWorkspaces = (root) => {
  const forAll = Object.keys(manifest(root, '.')?.devDependencies ?? {});
  const found = new Map();
  for (const folder of [
    ...folders(root, 'packages'),
    'kernels',
    'drivers',
    ...folders(root, 'apps'),
  ]) {
    const json = manifest(root, folder);
    if (!json) continue;
    const declared = Object.keys({ ...json.dependencies, ...json.optionalDependencies });
    found.set(folder, {
      id: json.name.replace('@holdfast/', ''),
      folder,
      entries: Object.keys(json.exports ?? {}).map((key) => json.name + key.slice(1)),
      declared: new Set(declared),
      declaredForDevelopment: new Set([...Object.keys(json.devDependencies ?? {}), ...forAll]),
    });
  }
  return found;
};

/** The workspace that a file lies in: the longest folder that it is under. */
export const workspaceOf = (workspaces, file) => {
  const [first, second] = file.split('/');
  return workspaces.get(`${first}/${second}`) ?? workspaces.get(first);
};
