import { decodeBase64 } from './base64.ts';
import { MerkleError } from './errors.ts';
import { HASH_BYTES, isHash } from './hash.ts';
import type { NoteSigner, NoteVerifier } from './note-key.ts';
import { openNote, signNote } from './signed-note.ts';
import { isTreeSize } from './tree-math.ts';

export interface Checkpoint {
  /** Unique name of the log. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
  /** Opaque non-empty lines; seldom used, because log monitors cannot audit them. */
  readonly extensions?: readonly string[];
}

/** The note text of a checkpoint (C2SP tlog-checkpoint). Throws `bad_checkpoint`. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  for (const line of [origin, ...extensions]) {
    if (line === '' || line.includes('\n')) throw bad('a line is empty or has a line break');
  }
  if (!isTreeSize(size)) throw bad(`size ${String(size)} is not a tree size`);
  if (!isHash(root)) throw bad(`the root is not ${HASH_BYTES} bytes`);
  const base64 = Buffer.from(root).toString('base64');
  return [origin, String(size), base64, ...extensions, ''].join('\n');
}

/**
 * Reads the text of a checkpoint; it says nothing about signatures. Throws `bad_checkpoint` for
 * fewer than three lines, an empty line, a size that is not plain decimal or exceeds 2^53-1, and a
 * root that is not canonical base64 of 32 bytes.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 3 || lines.includes('')) {
    throw bad('expected at least three non-empty lines, each ending in a newline');
  }
  const [origin = '', decimal = '', base64 = '', ...extensions] = lines;
  const size = Number(decimal);
  if (!/^(0|[1-9]\d{0,15})$/.test(decimal) || !isTreeSize(size)) {
    throw bad('the size is not a decimal number up to 2^53-1');
  }
  const root = decodeBase64(base64);
  if (root?.length !== HASH_BYTES) throw bad(`the root is not base64 of ${HASH_BYTES} bytes`);
  return extensions.length > 0 ? { origin, size, root, extensions } : { origin, size, root };
}

/** A checkpoint as a signed note. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): string {
  return signNote(formatCheckpoint(checkpoint), signers);
}

/**
 * Reads a checkpoint that a trusted key of the log signed. Throws `bad_note`, `signature_invalid`,
 * or `bad_checkpoint` (also when the origin is not the expected one).
 */
export function openCheckpoint(
  note: string | Uint8Array,
  trust: { origin: string; verifiers: readonly NoteVerifier[] },
): Checkpoint & { signedBy: readonly NoteVerifier[] } {
  const { text, signedBy } = openNote(note, trust.verifiers);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== trust.origin) {
    throw bad(`it is of log '${checkpoint.origin}', expected '${trust.origin}'`);
  }
  return { ...checkpoint, signedBy };
}

function bad(why: string): MerkleError {
  return new MerkleError('bad_checkpoint', `read or write a checkpoint: ${why}`);
}
