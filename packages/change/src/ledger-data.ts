import { createHash } from 'node:crypto';

/**
 * An entry of the ledger holds at most 65,535 bytes with its envelope (C2SP tlog-tiles). What is larger stays in the
 * record of its kernel; the ledger then holds its digest.
 */
export const LEDGER_DATA_BYTES = 48 * 1024;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** `sha256` (hex) is that of the JSON text of the value that was left out. */
const omitted = (text: string): Record<string, unknown> => ({
  omitted: true,
  bytes: bytesOf(text),
  sha256: createHash('sha256').update(text).digest('hex'),
});

/** The data of an event, small enough for the ledger: the largest fields give way to their digests first. */
export const fitForLedger = (
  data: Readonly<Record<string, unknown>>,
  limit = LEDGER_DATA_BYTES,
): Record<string, unknown> => {
  const fields = Object.entries(data).flatMap(([key, value]) => {
    const text = JSON.stringify(value);
    return text === undefined ? [] : [{ key, text, bytes: bytesOf(text) + bytesOf(key) + 4 }];
  });
  let total = fields.reduce((sum, field) => sum + field.bytes, 2);
  const result = Object.fromEntries(fields.map(({ key }) => [key, data[key]]));
  for (const { key, text, bytes } of fields.toSorted((a, b) => b.bytes - a.bytes)) {
    if (total <= limit) break;
    const digest = omitted(text);
    total += bytesOf(JSON.stringify(digest)) + bytesOf(key) + 4 - bytes;
    result[key] = digest;
  }
  return result;
};
