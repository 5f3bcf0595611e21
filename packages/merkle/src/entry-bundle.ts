import { MerkleError } from './errors.ts';
import { TILE_WIDTH } from './tiles.ts';

/** The length prefix is a uint16. */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * C2SP tlog-tiles entry bundle: each entry behind its length as a big-endian uint16. Throws
 * `entry_too_large`, naming the position, for an entry above 65,535 bytes, and `bad_bundle` for
 * more than 256 entries.
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Buffer {
  if (entries.length > TILE_WIDTH) {
    throw new MerkleError(
      'bad_bundle',
      `encode an entry bundle: got ${entries.length} entries, expected at most ${TILE_WIDTH}`,
    );
  }
  let bytes = 0;
  for (const [i, entry] of entries.entries()) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new MerkleError(
        'entry_too_large',
        `encode an entry bundle: entry ${i} has ${entry.length} bytes, at most ${MAX_ENTRY_BYTES} fit`,
      );
    }
    bytes += 2 + entry.length;
  }
  const bundle = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const entry of entries) {
    at = bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at);
    at += entry.length;
  }
  return bundle;
}

/** The entries of a bundle, as views into it. Throws `bad_bundle` when it is cut or overlong. */
export function decodeEntryBundle(bundle: Uint8Array): Buffer[] {
  const source = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Buffer[] = [];
  let at = 0;
  while (at < source.length) {
    if (entries.length === TILE_WIDTH) {
      throw new MerkleError(
        'bad_bundle',
        `decode an entry bundle: more than ${TILE_WIDTH} entries`,
      );
    }
    const start = at + 2;
    const end = start <= source.length ? start + source.readUInt16BE(at) : Infinity;
    if (end > source.length) {
      throw new MerkleError('bad_bundle', `decode an entry bundle: cut in entry ${entries.length}`);
    }
    entries.push(source.subarray(start, end));
    at = end;
  }
  return entries;
}
