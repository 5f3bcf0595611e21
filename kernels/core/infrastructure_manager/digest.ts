import { createHash } from 'node:crypto';
import type { Inventory } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';

/** SHA-256 (hex) of the canonical JSON (RFC 8785) of a value. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonicalize(value)).digest('hex');

/** Names what a scan found: equal for equal packages and coverage, whenever it was taken. */
export const inventoryDigest = (inventory: Inventory): string =>
  digestOf([
    inventory.manager,
    inventory.environment,
    inventory.coverage.status,
    inventory.packages,
  ]);

export const inventoriesDigest = (inventories: readonly Inventory[]): string =>
  digestOf(inventories.map(inventoryDigest).toSorted());
