import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isValidVersion } from '@holdfast/versions';
import type { TopPackage } from './node-modules.ts';

/** What of a project's package.json bears on how npm resolves. */
export interface ProjectManifest {
  readonly declared: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, unknown>>;
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

const asTexts = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(asRecord(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

/** Reads package.json; a project without one declares nothing. Throws SyntaxError when it is not JSON. */
export const readProjectManifest = async (root: string): Promise<ProjectManifest> => {
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}');
  const manifest = asRecord(JSON.parse(text));
  const declared = {
    ...asTexts(manifest.peerDependencies),
    ...asTexts(manifest.devDependencies),
    ...asTexts(manifest.optionalDependencies),
    ...asTexts(manifest.dependencies),
  };
  return { declared, overrides: asRecord(manifest.overrides) };
};

const ALIAS = /^npm:(@?[^@]+)(?:@.*)?$/;

/** The registry's name of a package that goes by another name here. */
const aliasOf = (
  name: string,
  installed: readonly TopPackage[],
  manifest: ProjectManifest,
): string | undefined =>
  ALIAS.exec(manifest.declared[name] ?? '')?.[1] ??
  installed.find((item) => item.name === name)?.alias;

const pin = (version: string | undefined, alias: string | undefined): string => {
  const spec = version !== undefined && isValidVersion('npm', version) ? version : '*';
  return alias === undefined ? spec : `npm:${alias}@${spec}`;
};

/** npm refuses an override that contradicts a direct dependency, so it is made to follow the pin. */
const followPins = (
  overrides: Readonly<Record<string, unknown>>,
  pins: Readonly<Record<string, string>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(overrides).map(([key, value]) => {
      const name = /^@?[^@]+/.exec(key)?.[0] ?? key;
      if (!Object.hasOwn(pins, name)) return [key, value];
      const inner = asRecord(value);
      return [
        key,
        '.' in inner
          ? { ...inner, '.': `$${name}` }
          : typeof value === 'string'
            ? `$${name}`
            : value,
      ];
    }),
  );

/**
 * The package.json of a staging folder: every package at the top is a dependency at exactly the version it has, so
 * that npm has no reason to move or prune one, and `wanted` says what is to differ (null: not to be there).
 */
export const stagedManifest = (
  installed: readonly TopPackage[],
  manifest: ProjectManifest,
  wanted: Readonly<Record<string, string | null>>,
): string => {
  const dependencies: Record<string, string> = {};
  for (const { name, version, link, alias } of installed) {
    if (link === undefined) dependencies[name] = pin(version, alias);
  }
  for (const [name, spec] of Object.entries(wanted)) {
    if (spec === null) delete dependencies[name];
    else if (isValidVersion('npm', spec))
      dependencies[name] = pin(spec, aliasOf(name, installed, manifest));
    else dependencies[name] = spec;
  }
  const overrides = followPins(manifest.overrides, dependencies);
  return JSON.stringify({ private: true, dependencies, overrides });
};
