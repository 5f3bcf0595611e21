const GONE = '[redacted]';

/** A name ends on one of these, without case, dashes and underscores. A path to a secret is none. */
const SECRET_NAME =
  /(tokens?|secrets?|passwords?|passwd|passphrase|credentials?|authorization|cookies?|privkey|key|signature|pass)$/;

export const isSecretName = (name: string): boolean =>
  SECRET_NAME.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));

/** Texts that give themselves away, whatever stands around them. */
const SECRET_TEXTS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(-----END [A-Z0-9 ]+-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g,
  /\b(A3T|AKIA|ASIA)[A-Z0-9]{12,}\b/g,
  /\b(gh[opsu]|github_pat|glpat|xox[abprs]|sk|hf)[-_][\w-]{16,}/g,
  // 32 and 64 bytes in base64: keys and signatures of Ed25519.
  /(?<![\w+/-])([\w+/-]{43}=|[\w+/-]{86}==)/g,
];

const AFTER_NAME =
  /((?:token|secret|password|passwd|passphrase|credential|authorization|private_?key|api_?key|access_?key|signature)s?["']?\s*[=:]\s*)(?:(?:bearer|basic)\s+)?("[^"]*"|'[^']*'|[^\s,;&"']+)/gi;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
const URL_USER = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

/** What a text holds that is secret by its look, by its name, or because it is one of `known`, is taken out of it. */
export const redactText = (text: string, known: readonly string[]): string => {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, GONE);
  for (const pattern of SECRET_TEXTS) clean = clean.replaceAll(pattern, GONE);
  return clean
    .replaceAll(AFTER_NAME, `$1${GONE}`)
    .replaceAll(BEARER, `$1 ${GONE}`)
    .replaceAll(URL_USER, `$1${GONE}@`);
};

/** The same for every text of a JSON value, names included; the value under a secret name goes whole. */
export const redactJson = (value: unknown, known: readonly string[]): unknown => {
  if (typeof value === 'string') return redactText(value, known);
  if (Array.isArray(value)) return value.map((item) => redactJson(item, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      redactText(name, known),
      isSecretName(name) ? GONE : redactJson(inner, known),
    ]),
  );
};
