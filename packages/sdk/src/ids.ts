import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Makes ids that sort by time: `<prefix>_<48-bit time, hex><80 random bits, hex>` (the idea of UUIDv7, RFC 9562). */
export const createIds =
  (clock: Clock) =>
  (prefix: string): string =>
    `${prefix}_${clock.now().toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;

export type Ids = ReturnType<typeof createIds>;
