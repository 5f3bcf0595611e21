import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentSignatureText } from '@holdfast/contracts';
import * as z from 'zod';
import { replaceFile } from '../replace-file.ts';

const fileSchema = z.object({
  /** Absent until the stack answered the enrolment. */
  host: z.string().optional(),
  public_key: z.string(),
  private_key: z.string(),
});
type IdentityFile = z.infer<typeof fileSchema>;

/** The Ed25519 key of this machine and the host id that it is enrolled as. The private key never leaves the file. */
export interface AgentIdentity {
  readonly host: string | undefined;
  /** SPKI PEM. */
  readonly publicKey: string;
  /** Base64 signature that answers a challenge. */
  signFor(host: string, nonce: string): string;
  /** Remembers under which id the stack knows this machine. */
  enrolledAs(host: string): Promise<void>;
}

const createFile = (): IdentityFile => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    public_key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};

const readFileAt = async (path: string): Promise<IdentityFile | undefined> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return fileSchema.parse(JSON.parse(text));
};

/** Reads `identity.json` (mode 0600) in the agent's directory, or makes it with a fresh key. */
export const openIdentity = async (dir: string): Promise<AgentIdentity> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'identity.json');
  const save = (content: IdentityFile) =>
    replaceFile(path, `${JSON.stringify(content, undefined, 2)}\n`, 0o600);
  let file = await readFileAt(path);
  if (!file) {
    file = createFile();
    await save(file);
  }
  let current = file;
  const key: KeyObject = createPrivateKey(current.private_key);
  return {
    get host() {
      return current.host;
    },
    publicKey: current.public_key,
    signFor: (host, nonce) =>
      sign(null, Buffer.from(agentSignatureText(host, nonce)), key).toString('base64'),
    async enrolledAs(host) {
      current = { ...current, host };
      await save(current);
    },
  };
};
