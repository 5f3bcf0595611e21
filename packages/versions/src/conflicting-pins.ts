import { sameVersion } from './compare.ts';
import { PackageInputError } from './errors.ts';
import type { FileRequirement } from './requirements-txt.ts';
import { parseSpec } from './spec.ts';

interface Pin {
  version: string;
  item: FileRequirement;
}

const words = ({ name, specifier }: FileRequirement): string => `${name}${specifier}`;

/**
 * Refuses two exact pins of one package to different versions under the same marker: nothing can meet both.
 *
 * @throws PackageInputError `conflicting_pins`, at the later line; its message names both
 */
export function checkPins(items: readonly FileRequirement[]): void {
  const pins = new Map<string, Pin>();
  for (const item of items) {
    const spec = parseSpec('pip', item.specifier);
    if (spec.kind !== 'exact' || spec.version === undefined) continue;
    const { version } = spec;
    const key = `${item.name};${item.marker ?? ''}`;
    const first = pins.get(key);
    if (!first) pins.set(key, { version, item });
    else if (!sameVersion('pip', first.version, version)) throw conflict(first.item, item);
  }
}

function conflict(first: FileRequirement, second: FileRequirement): PackageInputError {
  const places = [first, second].map((item) => `${item.file}:${item.line}: ${words(item)}`);
  const { file, line } = second;
  const message = `one package is pinned to two versions: ${places.join(' and ')}`;
  return new PackageInputError('conflicting_pins', message, { file, line });
}
