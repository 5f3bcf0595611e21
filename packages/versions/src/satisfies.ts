import { PackageInputError, quoted } from './errors.ts';
import type { PackageManager } from './manager.ts';
import { parseSpec } from './spec.ts';
import type { Purpose } from './spec.ts';

/**
 * Whether a version meets a spec by the rules of its ecosystem. Text that is no version of the
 * ecosystem meets nothing but the empty spec and a pip `===` of the same text.
 *
 * @throws PackageInputError `invalid_specifier`, or `unmanaged_specifier` where the spec names a
 *   path, a URL, a repository or a tag (ask `parseSpec` first to tell)
 */
export function satisfies(
  manager: PackageManager,
  version: string,
  spec: string,
  purpose: Purpose = 'installed',
): boolean {
  const parsed = parseSpec(manager, spec);
  if (parsed.kind === 'unmanaged') {
    throw new PackageInputError(
      'unmanaged_specifier',
      `${manager} spec ${quoted(spec)} is a ${parsed.reason}, not a set of versions`,
    );
  }
  return parsed.matches(version, purpose);
}
