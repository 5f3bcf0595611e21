import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { isTestCode } from '../lib/test-code.mjs';
import { COMPUTED_IMPORTS, DRIVER_FOLDER, MAY_USE, OUTSIDE, TEST_ENTRIES } from './table.mjs';
import { workspaceOf } from './workspaces.mjs';

/** The folder that relative imports of a file stay in: its workspace; inside kernels, its own kernel. */
const roomOf = (workspace, file) =>
  workspace.id === 'kernels' && file.split('/').length > 3
    ? file.split('/').slice(0, 3).join('/')
    : workspace.folder;

const checkRelative = ({ root, workspace, file, name, test }) => {
  const target = posix.join(posix.dirname(file), name);
  const room = roomOf(workspace, file);
  if (!target.startsWith(`${room}/`))
    return room === workspace.folder
      ? `'${name}' leaves ${room}: import the package by its name`
      : `'${name}' leaves ${room}: a kernel never imports another`;
  const [driver] = DRIVER_FOLDER.exec(file) ?? [];
  const [otherDriver = driver] = DRIVER_FOLDER.exec(target) ?? [];
  if (driver && driver !== otherDriver)
    return `'${name}' leaves ${driver}: a driver never imports another`;
  if (!existsSync(join(root, target)) || !/\.\w+$/.test(name))
    return `'${name}' names no file: write the path with its extension`;
  if (!test && isTestCode(target))
    return `'${name}' is test code: production code never imports it`;
  return undefined;
};

const checkPackage = ({ workspaces, workspace, name, test }) => {
  const id = name.split('/')[1];
  const other = [...workspaces.values()].find((candidate) => candidate.id === id);
  if (!other) return `there is no workspace @holdfast/${id}`;
  if (other === workspace) return `'${name}' is this package itself: import the file by its path`;
  const allowed = MAY_USE[workspace.id];
  if (!allowed) return `workspace ${workspace.id} has no row in tools/boundaries/table.mjs`;
  if (!allowed.includes('*') && !allowed.includes(id) && !(test && id === 'testkit'))
    return `${workspace.id} may not import ${id}; it may import: ${allowed.join(', ') || 'no package'}`;
  if (!other.entries.includes(name)) return `'${name}' is no entry of ${id}: see its "exports"`;
  if (!test && TEST_ENTRIES.includes(name)) return `'${name}' is for tests only`;
  const declared = workspace.declared.has(`@holdfast/${id}`);
  if (!declared && !(test && id === 'testkit'))
    return `@holdfast/${id} is not in ${workspace.folder}/package.json`;
  return undefined;
};

const checkOutside = ({ workspace, name, test, typeOnly }) => {
  const limit = OUTSIDE[workspace.id];
  if (limit && !test && !limit.test(name)) return `${workspace.id} may not import '${name}'`;
  if (name.startsWith('node:')) return undefined;
  const parts = name.split('/');
  const id = name.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
  if (builtinModules.includes(id)) return `write 'node:${name}'`;
  if (workspace.declared.has(id)) return undefined;
  if ((test || typeOnly) && workspace.declaredForDevelopment.has(id)) return undefined;
  return `'${id}' is not in ${workspace.folder}/package.json`;
};

/**
 * What is wrong with one import, or undefined. `file` is relative to `root`; `name` is undefined when computed. Types
 * are gone at run time, so a development dependency is enough for them.
 */
export const checkImport = ({ root, workspaces, file, name, typeOnly }) => {
  const workspace = workspaceOf(workspaces, file);
  if (!workspace) return 'the file lies in no workspace';
  const test = isTestCode(file);
  if (name === undefined)
    return test || COMPUTED_IMPORTS.includes(file) ? undefined : 'the imported name is computed';
  const context = { root, workspaces, workspace, file, name, test, typeOnly };
  if (name.startsWith('.')) return checkRelative(context);
  if (name.startsWith('/') || name.startsWith('#')) return `'${name}' is neither file nor package`;
  return name.startsWith('@holdfast/') ? checkPackage(context) : checkOutside(context);
};
