import { byCodePoint } from '../json/canonical-text.ts';
import { isJsonObject } from '../json/json-value.ts';
import { readJson } from '../json/read-json.ts';
import { signMessage } from '../keys/ed25519.ts';
import { signedBytes } from '../verify/signed-document.ts';
import { LicenseToolError } from './license-tool-error.ts';

type PlainValue = string | number | readonly string[] | Readonly<Record<string, string>>;

/**
 * The text of a document with its signature: keys sorted, two spaces. Signed is what a reader will read, so the text is
 * read back before it is signed. Throws `not_signable`.
 */
export const signDocument = (
  fields: Readonly<Record<string, PlainValue | undefined>>,
  privateKey: Uint8Array,
): string => {
  const document = readJson(JSON.stringify(fields));
  const message = isJsonObject(document) ? signedBytes(document) : undefined;
  if (message === undefined) throw new LicenseToolError('not_signable');
  const signature = signMessage(message, privateKey).toString('base64');
  const members = Object.entries({ ...fields, signature }).sort(([a], [b]) => byCodePoint(a, b));
  return `${JSON.stringify(Object.fromEntries(members), null, 2)}\n`;
};
