import { createHash } from 'node:crypto';
import type { TripwireSet } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import { CODE_DIGEST } from './code-digest.ts';
import { PINNED_DIGEST, PINNED_VERSION } from './pinned.ts';
import { RULES } from './rules.ts';

const described: TripwireSet['rules'] = RULES.map(({ id, title, level, interdictions }) => ({
  id,
  title,
  level,
  interdictions: Object.keys(interdictions),
}));

const digest = createHash('sha256')
  .update(canonicalize({ rules: described, code: CODE_DIGEST }))
  .digest('hex');

/** The rules in force with their digest, and the digest that this version was pinned to. */
export const tripwireSet = (): TripwireSet => ({
  version: PINNED_VERSION,
  digest,
  pinned: PINNED_DIGEST,
  code: CODE_DIGEST,
  rules: structuredClone(described),
});

const levelOf = (id: string, name: string): string => {
  const rule = RULES.find((one) => one.id === id);
  return rule?.advisory?.includes(name) ? ' (advisory)' : '';
};

/** What the set forbids, by name with its rule: `T4/removal_of_stop_hooks`. What only asks for a review says so. */
export const interdictionsInForce = (): string[] =>
  described.flatMap(({ id, interdictions }) =>
    interdictions.map((name) => `${id}/${name}${levelOf(id, name)}`),
  );
