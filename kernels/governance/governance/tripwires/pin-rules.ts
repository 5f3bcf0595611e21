import { containsAll, interdictionsInForce, tripwireSet } from '@holdfast/change';
import { EVENT_TYPES, HoldfastError } from '@holdfast/contracts';
import { ENGINE } from '../change-events.ts';
import type { GovernanceContext } from '../context.ts';

interface Pin {
  readonly version: number;
  readonly digest: string;
  readonly interdictions: string;
}

const refuse = (detail: string): never => {
  throw new HoldfastError('tripwire', { detail });
};

/**
 * Compares the hard rules of this build with those that this stack ran under before, and keeps a record of new ones.
 * Throws tripwire when the build is not what it was pinned as, or forbids less than a former one did: then governance
 * does not start, so nothing can be applied.
 */
export const pinRules = async ({ store, clock, commit }: GovernanceContext): Promise<void> => {
  const { version, digest, pinned } = tripwireSet();
  const inForce = interdictionsInForce();
  if (digest !== pinned) refuse(`the rules of this build have the digest ${digest}, not ${pinned}`);
  const before = await store.read<Pin>('SELECT version, digest, interdictions FROM tripwire_pins');
  for (const pin of before) {
    if (pin.version === version && pin.digest !== digest)
      refuse(`version ${version} of the rules had the digest ${pin.digest} before, now ${digest}`);
    const missing = containsAll(inForce, JSON.parse(pin.interdictions) as string[]);
    if (missing.length > 0)
      refuse(
        `the rules of version ${pin.version} forbade what these do not: ${missing.join(', ')}`,
      );
  }
  if (before.some((pin) => pin.version === version)) return;
  await commit(
    [
      {
        sql: 'INSERT INTO tripwire_pins (version, digest, interdictions, pinned_at) VALUES (?, ?, ?, ?)',
        params: [version, digest, JSON.stringify(inForce), clock.iso()],
      },
    ],
    [
      {
        type: EVENT_TYPES.tripwiresPinned,
        subject: 'tripwires',
        actor: ENGINE,
        priority: 'high',
        data: { version, digest },
      },
    ],
  );
};
