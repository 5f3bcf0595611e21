import { HoldfastError, type Environment, type PackageManager } from '@holdfast/contracts';
import {
  baselineFromPackageJson,
  baselineFromRequirements,
  normalizeName,
  parsePackageJson,
  parseRequirementsTxt,
  type ParsedRequirements,
} from '@holdfast/versions';
import { installOptions } from './install-options.ts';
import { readManifest } from './manifest-files.ts';
import type { DeclaredEntry, StoredBaseline } from './stored-baseline.ts';

export const PIP_MANIFEST = 'requirements.txt';
export const NPM_MANIFEST = 'package.json';
const NPM_LOCK = 'package-lock.json';
/** Of one manifest in all environments together. */
const MAX_ENTRIES = 20_000;

export type Files = Readonly<Record<string, string>>;
type Declared = Pick<StoredBaseline, 'entries' | 'unmanaged' | 'options'>;

const pathsFor = (manager: PackageManager, environments: readonly Environment[]): string[] =>
  environments.filter(({ managers }) => managers.includes(manager)).map(({ path }) => path);

/** The hashes of each package, those of all its lines together. */
const hashesOf = (parsed: ParsedRequirements): ReadonlyMap<string, string[]> => {
  const hashes = new Map<string, string[]>();
  for (const item of parsed.requirements) {
    if (item.hashes.length === 0) continue;
    const known = hashes.get(item.name);
    if (known) known.push(...item.hashes);
    else hashes.set(item.name, [...item.hashes]);
  }
  return hashes;
};

/** Throws manifest_invalid when the packages of a manifest, in all its environments, are too many. */
const checkCount = (file: string, packages: number, environments: number): void => {
  const entries = packages * Math.max(1, environments);
  if (entries <= MAX_ENTRIES) return;
  const detail = `it declares ${entries} packages in all environments: at most ${MAX_ENTRIES}`;
  throw new HoldfastError('manifest_invalid', { file, detail });
};

const declarePip = (
  files: Files,
  environments: readonly Environment[],
  directory: string | undefined,
): Declared => {
  const parsed = readManifest(PIP_MANIFEST, () =>
    parseRequirementsTxt({ files, entry: PIP_MANIFEST }),
  );
  const paths = pathsFor('pip', environments);
  checkCount(PIP_MANIFEST, parsed.requirements.length + parsed.constraints.length, paths.length);
  const { words, unmanaged } = installOptions(parsed.options, directory);
  const hashesByName = hashesOf(parsed);
  const bind = (path: string): DeclaredEntry[] =>
    baselineFromRequirements(parsed, path).map((entry): DeclaredEntry => {
      const name = normalizeName('pip', entry.package);
      const hashes = hashesByName.get(name) ?? [];
      return {
        manager: 'pip',
        environment: path,
        package: name,
        expected: entry.expected,
        ...(entry.extras && { extras: [...entry.extras] }),
        ...(entry.marker && { marker: entry.marker }),
        ...(hashes.length > 0 && { hashes }),
        ...(entry.optional && { optional: true }),
        source: PIP_MANIFEST,
      };
    });
  const unbound = paths.length > 0 ? [] : parsed.requirements;
  return {
    entries: paths.flatMap(bind),
    options: paths.length > 0 ? words : [],
    unmanaged: [
      ...parsed.unmanaged.map(({ file, line, text, reason }) => ({ file, line, text, reason })),
      ...unmanaged,
      ...unbound.map((item) => ({
        file: item.file,
        line: item.line,
        text: `${item.rawName}${item.specifier}`,
        reason: 'none of the environments is a venv',
      })),
    ],
  };
};

const declareNpm = (files: Files, environments: readonly Environment[]): Declared => {
  const parsed = readManifest(NPM_MANIFEST, () =>
    parsePackageJson({ packageJson: files[NPM_MANIFEST]!, packageLock: files[NPM_LOCK] }),
  );
  const paths = pathsFor('npm', environments);
  checkCount(NPM_MANIFEST, parsed.entries.length + parsed.unmanaged.length, paths.length);
  const locked = new Map(parsed.entries.map((entry) => [entry.name, entry.locked]));
  const bind = (path: string): DeclaredEntry[] =>
    baselineFromPackageJson(parsed, path).map((entry): DeclaredEntry => {
      const lock = locked.get(entry.package);
      return {
        manager: 'npm',
        environment: path,
        package: entry.package,
        expected: entry.expected,
        ...(lock !== undefined && { locked: lock }),
        ...(entry.optional && { optional: true }),
        source: lock === undefined ? NPM_MANIFEST : NPM_LOCK,
      };
    });
  const unbound = paths.length > 0 ? [] : parsed.entries;
  const left = [
    ...parsed.unmanaged,
    ...unbound.map(({ name, spec }) => ({
      name,
      spec,
      reason: 'none of the environments is a node project',
    })),
  ];
  return {
    entries: paths.flatMap(bind),
    options: [],
    unmanaged: left.map(({ name, spec, reason }) => ({
      file: NPM_MANIFEST,
      line: 0,
      text: `${name}: ${spec}`,
      reason,
    })),
  };
};

/**
 * What manifests declare, bound to environments: pip packages to every venv, npm packages to every node project.
 * Throws manifest_invalid, package_name_invalid.
 */
export const declarePackages = (
  files: Files,
  environments: readonly Environment[],
  directory: string | undefined,
): Declared => {
  const parts = [
    ...(Object.hasOwn(files, PIP_MANIFEST) ? [declarePip(files, environments, directory)] : []),
    ...(Object.hasOwn(files, NPM_MANIFEST) ? [declareNpm(files, environments)] : []),
  ];
  return {
    entries: parts.flatMap(({ entries }) => entries),
    unmanaged: parts.flatMap(({ unmanaged }) => unmanaged),
    options: parts.flatMap(({ options }) => options),
  };
};
