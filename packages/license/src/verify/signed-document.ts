import { canonicalBytes } from '../json/canonical-text.ts';
import { isJsonObject, type JsonObject } from '../json/json-value.ts';
import { readJson } from '../json/read-json.ts';
import { bytesOfBase64 } from '../keys/base64.ts';
import { isSignedBy, SIGNATURE_BYTES } from '../keys/ed25519.ts';
import { LicenseRefusal, type LicenseFailure } from './failure.ts';

/** A file as it was found: its text, or why there is none. Details name no content. */
export type FoundText =
  | { readonly text: string }
  | { readonly problem: 'missing' | 'unreadable'; readonly detail: string };

export interface DocumentFailures {
  readonly missing: LicenseFailure;
  readonly io: LicenseFailure;
  readonly json: LicenseFailure;
  readonly shape: LicenseFailure;
}

/** The JSON object in a file, or the refusal that fits. */
export const readDocument = (file: FoundText, failures: DocumentFailures): JsonObject => {
  if ('problem' in file)
    throw new LicenseRefusal(
      file.problem === 'missing' ? failures.missing : failures.io,
      file.detail,
    );
  let document;
  try {
    document = readJson(file.text);
  } catch (error) {
    throw new LicenseRefusal(failures.json, (error as Error).message);
  }
  if (!isJsonObject(document)) throw new LicenseRefusal(failures.shape);
  return document;
};

/** What is signed of a document: the canonical bytes of all but `signature`; undefined where it has none. */
export const signedBytes = (document: JsonObject): Buffer | undefined => {
  const signed = new Map(document);
  signed.delete('signature');
  return canonicalBytes(signed);
};

/** The `signature` of a document as it stands there; undefined where there is none to look at. */
export const signatureText = (document: JsonObject): string | undefined => {
  const signature = document.get('signature');
  return typeof signature === 'string' && signature !== '' ? signature : undefined;
};

/** Whether one of the keys signed all of the document but its `signature` (base64 of 64 bytes). */
export const isSignedByOneOf = (document: JsonObject, keys: Iterable<Uint8Array>): boolean => {
  const signature = bytesOfBase64(signatureText(document) ?? '', SIGNATURE_BYTES);
  const message = signedBytes(document);
  if (signature === undefined || message === undefined) return false;
  return [...keys].some((key) => isSignedBy(message, signature, key));
};
