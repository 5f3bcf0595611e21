import { PackageInputError, quoted } from './errors.ts';
import type { InputLocation } from './errors.ts';

/** File name relative to one root, with "/" between parts, to its text. */
export type RequirementFiles = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

export function readFile(files: RequirementFiles, name: string): string | undefined {
  if (files instanceof Map) return files.get(name);
  return Object.hasOwn(files, name) ? (files as Record<string, string>)[name] : undefined;
}

/**
 * The name in the set that an include means, taken relative to the file that includes it.
 *
 * @throws PackageInputError `include_refused` for URLs, absolute paths, paths that leave the root, and
 *   files that are not in the set
 */
export function resolveInclude(
  files: RequirementFiles,
  from: string,
  target: string,
  location: InputLocation,
): string {
  const refuse = (why: string) =>
    new PackageInputError(
      'include_refused',
      `include ${quoted(target)} is refused: ${why}`,
      location,
    );
  const path = target.trim().replaceAll('\\', '/');
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) throw refuse('it is a URL, not a file of the set');
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) {
    throw refuse('it is an absolute path');
  }
  const parts = from.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw refuse('it leaves the directory of the set');
  }
  const name = parts.join('/');
  if (readFile(files, name) === undefined) throw refuse(`${quoted(name)} is not in the set`);
  return name;
}
