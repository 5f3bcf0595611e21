import { openWindows } from '@holdfast/change';
import type { ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { scopesOf } from '../freezes/scoped-freezes.ts';

/** Scoped freezes and freeze windows that stand against a change, in words. */
export const freezesAgainst = async (
  parts: Parts,
  { change, notes }: ChangeRecord,
): Promise<string[]> => {
  if (notes.automatic) return [];
  const { config, clock } = parts.context;
  const scoped = await parts.freezes.against(change);
  const scopes = scopesOf(change);
  const windows = openWindows(config.freeze_windows, clock.now())
    .filter(({ scope }) => scope === undefined || scopes.includes(scope))
    .map(({ name, from, to }) => `${name} (${from} to ${to} UTC)`);
  return [...scoped.map(({ detail }) => detail), ...windows];
};
