import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { renameSync } from 'node:fs';
import { createPrivate, keyFile, readPrivate } from '@holdfast/client/stack';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

/** The key with which a principal signs decisions on one stack (Ed25519, RFC 8032). */
export interface SigningKey {
  /** Where its private half is. */
  readonly path: string;
  /** Base64 of 32 bytes. */
  readonly public_key: string;
  readonly privateKey: KeyObject;
}

interface KeyFile {
  readonly principal: string;
  readonly public_key: string;
  /** PKCS #8, base64. */
  readonly private_key: string;
}

const rawPublicKey = (privateKey: KeyObject): string =>
  Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x!, 'base64url').toString(
    'base64',
  );

const parse = (path: string, value: unknown): SigningKey => {
  try {
    const key = Buffer.from((value as KeyFile).private_key, 'base64');
    const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('another kind of key');
    return { path, public_key: rawPublicKey(privateKey), privateKey };
  } catch (cause) {
    throw new CliError(`reading ${path}: there is no key in it`, {
      next: '`bin/holdfast keys init --new` puts it aside and makes another',
      cause,
    });
  }
};

/** The key of a principal, made when there is none yet. Two at a time end up with the same one. */
export const loadSigningKey = (context: CliContext, url: string, principal: string): SigningKey => {
  const path = keyFile(context, url, principal);
  const before = readPrivate(path);
  if (before !== undefined) return parse(path, before);
  const { privateKey } = generateKeyPairSync('ed25519');
  const file: KeyFile = {
    principal,
    public_key: rawPublicKey(privateKey),
    private_key: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  };
  createPrivate(path, file);
  return parse(path, readPrivate(path));
};

/** Puts the key of a principal aside, so that the next one is new. Answers where it went; undefined: there was none. */
export const putAsideSigningKey = (
  context: CliContext,
  url: string,
  principal: string,
): string | undefined => {
  const path = keyFile(context, url, principal);
  const aside = `${path}.old-${Date.now()}`;
  try {
    renameSync(path, aside);
    return aside;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
