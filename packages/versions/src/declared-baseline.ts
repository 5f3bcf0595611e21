import type { BaselineEntry } from './baseline.ts';
import type { ParsedPackageJson } from './package-json.ts';
import type { FileRequirement, ParsedRequirements } from './requirements-txt.ts';

/**
 * The baseline that a requirements file declares for one environment. A constraint narrows the
 * requirements of the same package and marker; any other constraint becomes an optional entry, since
 * it bounds a package without asking for it.
 */
export function baselineFromRequirements(
  parsed: ParsedRequirements,
  environment: string,
): BaselineEntry[] {
  const target = (item: FileRequirement) => `${item.name};${item.marker ?? ''}`;
  const required = new Set(parsed.requirements.map(target));
  const bounds = new Map<string, Set<string>>();
  for (const item of parsed.constraints) {
    if (item.specifier === '') continue;
    const known = bounds.get(target(item));
    if (known) known.add(item.specifier);
    else bounds.set(target(item), new Set([item.specifier]));
  }
  const toEntry = (item: FileRequirement, expected: string): BaselineEntry => ({
    manager: 'pip',
    package: item.rawName,
    expected,
    ...(item.extras.length > 0 && { extras: item.extras }),
    ...(item.marker && { marker: item.marker }),
    environment,
  });
  return [
    ...parsed.requirements.map((item) => {
      const specifiers = [item.specifier, ...(bounds.get(target(item)) ?? [])];
      return toEntry(item, [...new Set(specifiers)].filter(Boolean).join(','));
    }),
    ...parsed.constraints
      .filter((item) => !required.has(target(item)))
      .map((item) => ({ ...toEntry(item, item.specifier), optional: true })),
  ];
}

/**
 * The baseline that a Node project declares: the locked version where the lock has one, else the
 * spec as written.
 */
export function baselineFromPackageJson(
  parsed: ParsedPackageJson,
  environment: string,
): BaselineEntry[] {
  return parsed.entries.map(({ name, spec, locked, optional }) => ({
    manager: 'npm',
    package: name,
    expected: locked ?? spec,
    environment,
    ...(optional && { optional }),
  }));
}
