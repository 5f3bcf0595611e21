/** Names of fields whose values never reach a log, compared without case, dashes and underscores. */
const SECRET_NAMES = [
  'token',
  'secret',
  'password',
  'authorization',
  'cookie',
  'databaseurl',
  'privatekey',
  'seed',
];
const URL_CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
const MAX_DEPTH = 8;

const isSecret = (name: string): boolean => {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  return SECRET_NAMES.some((secret) => plain.endsWith(secret));
};

const describeError = (error: Error, depth: number): unknown => ({
  type: error.name,
  message: redact(error.message),
  ...('code' in error ? { code: error.code } : {}),
  stack: redact(error.stack),
  ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
});

/** A copy that is safe to log: secret fields blanked, credentials cut out of URLs, errors spelt out, depth bounded. */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return value.replace(URL_CREDENTIALS, '$1[redacted]@');
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return describeError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecret(name) ? '[redacted]' : redact(inner, depth + 1),
    ]),
  );
};
