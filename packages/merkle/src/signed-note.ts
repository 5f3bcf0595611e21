import { decodeBase64 } from './base64.ts';
import { MerkleError } from './errors.ts';
import { isKeyName, type NoteSigner, type NoteVerifier } from './note-key.ts';

const MAX_SIGNATURES = 64;
const MAX_NOTE_BYTES = 1_048_576;
const DASH = '\u2014 ';
/** Anything but a newline, the code points from the space on, and paired surrogates. */
const FORBIDDEN = /[^\n -\ud7ff\ue000-\u{10ffff}]/u;

export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  readonly signature: Buffer;
}

export interface SignedNote {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/**
 * Signs a text (C2SP signed-note), keeping signatures already made over it. Throws `bad_note` when
 * the text does not end in a newline or has control characters.
 */
export function signNote(
  text: string,
  signers: readonly NoteSigner[],
  existing: readonly NoteSignature[] = [],
): string {
  checkText(text);
  const bytes = Buffer.from(text);
  const added = signers.map((signer) => ({
    name: signer.name,
    keyId: signer.keyId,
    signature: signer.sign(bytes),
  }));
  const lines = [...existing, ...added].map(signatureLine);
  if (lines.length === 0 || lines.length > MAX_SIGNATURES) {
    throw badNote(`got ${lines.length} signatures, expected 1 to ${MAX_SIGNATURES}`);
  }
  return `${text}\n${lines.join('')}`;
}

/**
 * Splits a note into its text and signatures without verifying anything. Throws `bad_note` for
 * invalid UTF-8, control characters, a malformed or missing signature line, more than 64
 * signatures or more than 1 MiB.
 */
export function parseNote(note: string | Uint8Array): SignedNote {
  if (note.length > MAX_NOTE_BYTES) throw badNote(`longer than ${MAX_NOTE_BYTES} bytes`);
  const source = typeof note === 'string' ? note : decodeUtf8(note);
  const split = source.lastIndexOf('\n\n');
  if (split < 0) throw badNote('no blank line before the signatures');
  const text = source.slice(0, split + 1);
  checkText(text);
  const block = source.slice(split + 2);
  if (!block.endsWith('\n')) throw badNote('the last line does not end in a newline');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw badNote(`more than ${MAX_SIGNATURES} signatures`);
  return { text, signatures: lines.map(parseSignatureLine) };
}

/**
 * Verifies a note against trusted keys and returns only what they signed. Signatures of unknown
 * keys are ignored. Throws `bad_note` when malformed, `signature_invalid` when no trusted key
 * signed or when a signature of a trusted key does not verify.
 */
export function openNote(
  note: string | Uint8Array,
  verifiers: readonly NoteVerifier[],
): { text: string; signedBy: readonly NoteVerifier[] } {
  const { text, signatures } = parseNote(note);
  const bytes = Buffer.from(text);
  const signedBy = new Set<NoteVerifier>();
  for (const { name, keyId, signature } of signatures) {
    for (const verifier of verifiers) {
      if (verifier.name !== name || verifier.keyId !== keyId) continue;
      if (!verifier.verify(bytes, signature)) {
        throw new MerkleError(
          'signature_invalid',
          `open a note: the signature of ${name} is wrong`,
        );
      }
      signedBy.add(verifier);
    }
  }
  if (signedBy.size === 0) {
    throw new MerkleError('signature_invalid', 'open a note: no trusted key signed it');
  }
  return { text, signedBy: [...signedBy] };
}

function signatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw badNote('a key name has a space, plus or control character');
  const blob = Buffer.alloc(4 + signature.length);
  blob.writeUInt32BE(keyId, 0);
  blob.set(signature, 4);
  return `${DASH}${name} ${blob.toString('base64')}\n`;
}

function parseSignatureLine(line: string): NoteSignature {
  const parts = line.startsWith(DASH) ? line.slice(DASH.length).split(' ') : [];
  const [name = '', encoded = ''] = parts;
  const blob = decodeBase64(encoded);
  if (parts.length !== 2 || !isKeyName(name) || blob === undefined || blob.length <= 4) {
    throw badNote('a signature line is malformed');
  }
  return { name, keyId: blob.readUInt32BE(0), signature: blob.subarray(4) };
}

function checkText(text: string): void {
  if (!text.endsWith('\n')) throw badNote('the text does not end in a newline');
  if (FORBIDDEN.test(text)) throw badNote('the text has a control character or lone surrogate');
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw badNote('it is not valid UTF-8', cause);
  }
}

function badNote(why: string, cause?: unknown): MerkleError {
  return new MerkleError('bad_note', `read or write a note: ${why}`, { cause });
}
