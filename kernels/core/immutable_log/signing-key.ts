import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  closeSync,
  fsyncSync,
  writeSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { createNoteSigner, generateSeed, type NoteSigner } from '@holdfast/merkle';

/** Where the public half lies, for offline verification: one C2SP verifier key line. */
export const verifierKeyPath = (home: string): string => join(home, 'ledger', 'verifier.key');

const writeDurably = (path: string, text: string, mode: number): void => {
  const unfinished = `${path}.new`;
  const file = openSync(unfinished, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(unfinished, mode);
  renameSync(unfinished, path);
};

/** The ledger's own Ed25519 key; made at the first start, private half readable by the owner only. */
export const loadSigningKey = (home: string): NoteSigner => {
  const folder = join(home, 'ledger');
  const path = join(folder, 'signing.key');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) {
    const name = `holdfast-ledger-${randomBytes(4).toString('hex')}`;
    writeDurably(path, `${name}\n${generateSeed().toString('base64')}\n`, 0o600);
  }
  const [name, seed] = readFileSync(path, 'utf8').split('\n');
  const signer = createNoteSigner({ name: name ?? '', seed: Buffer.from(seed ?? '', 'base64') });
  if (!existsSync(verifierKeyPath(home)))
    writeDurably(verifierKeyPath(home), `${signer.verifierKey}\n`, 0o644);
  return signer;
};
