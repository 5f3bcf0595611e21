import { basename } from 'node:path';

/** Names under which keys, tokens and passwords are usually kept. */
const NAMES = [
  /^\.env(\..+)?$/,
  /\.env$/,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|age)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)/,
  /^(credentials|secrets?|tokens?|service[-_]account)(\.[a-z0-9]+)?$/,
  /^\.(npmrc|netrc|pypirc|pgpass|git-credentials|htpasswd|dockercfg)$/,
  /^_netrc$/,
];

export const isSecretName = (path: string): boolean => {
  const name = basename(path).toLowerCase();
  return NAMES.some((pattern) => pattern.test(name));
};

/** RFC 7468, section 3: the line that begins a private key, whatever the file is called. */
export const holdsPrivateKey = (text: string): boolean =>
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----/.test(text);
