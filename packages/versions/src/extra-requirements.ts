import { PackageInputError } from './errors.ts';
import { valueOf } from './inventory.ts';
import type { Inventory } from './inventory.ts';
import { evaluateMarker } from './markers.ts';
import { createMemo } from './memo.ts';
import { parseRequirement } from './requirement.ts';
import type { Requirement } from './requirement.ts';

const requirementMemo = createMemo(10_000, parseRequirement);

/** What extras ask for. `via` names the package and extra that ask. */
export interface ExtraRequirement {
  name: string;
  specifier: string;
  via: string;
}

/** What could not be found out about an extra, in words. */
export interface ExtraProblem {
  name: string;
  via: string;
  reason: string;
}

/**
 * Collects what the extras of a package ask for in this environment, following requirements that ask
 * for extras themselves. Lines that hold without the extra are not the extra's own.
 */
export function requirementsOfExtras(
  inventory: Inventory,
  name: string,
  extras: readonly string[],
): { requirements: ExtraRequirement[]; problems: ExtraProblem[] } {
  const requirements: ExtraRequirement[] = [];
  const problems: ExtraProblem[] = [];
  const seen = new Set<string>();
  const queue = extras.map((extra) => ({ name, extra }));
  for (let next = queue.shift(); next; next = queue.shift()) {
    const via = `${next.name}[${next.extra}]`;
    if (seen.has(via)) continue;
    seen.add(via);
    if (!inventory.extras) {
      const reason = 'the inventory does not say what extras require';
      problems.push({ name: next.name, via, reason });
      continue;
    }
    for (const line of valueOf(inventory.extras, next.name) ?? []) {
      if (!/\bextra\b/.test(line)) continue;
      try {
        const requirement = requirementMemo(line);
        if (!belongsToExtra(requirement, next.extra, inventory)) continue;
        requirements.push({ name: requirement.name, specifier: requirement.specifier, via });
        queue.push(...requirement.extras.map((extra) => ({ name: requirement.name, extra })));
      } catch (error) {
        if (!(error instanceof PackageInputError)) throw error;
        problems.push({ name: next.name, via, reason: error.message });
      }
    }
  }
  return { requirements, problems };
}

function belongsToExtra(requirement: Requirement, extra: string, inventory: Inventory): boolean {
  const { marker } = requirement;
  if (!marker) return false;
  const environment = inventory.markers ?? {};
  return (
    evaluateMarker(marker, { ...environment, extra }) &&
    !evaluateMarker(marker, { ...environment, extra: '' })
  );
}
