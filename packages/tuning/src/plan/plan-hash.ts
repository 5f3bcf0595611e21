import { createHash } from 'node:crypto';
import { canonicalize } from '@holdfast/merkle';
import type { PlanItem } from './plan-item.ts';

/** SHA-256 (hex) of the canonical JSON (RFC 8785) of a plan: the order of keys does not count, that of items does. */
export const planHash = (items: readonly PlanItem[]): string =>
  createHash('sha256')
    .update(
      canonicalize(
        items.map(({ reason, ...rest }) => ({
          ...rest,
          ...(reason === undefined ? {} : { reason }),
        })),
      ),
    )
    .digest('hex');
