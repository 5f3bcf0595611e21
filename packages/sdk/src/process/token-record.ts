import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { TokenRecord } from '@holdfast/contracts';

const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** RFC 7914 parameters: about 16 MiB and 50 ms a hash. Changing them makes every stored record void. */
const COST = { N: 16_384, r: 8, p: 1 } as const;

const derive = (token: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(token, salt, KEY_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
  });

/** Makes the record that a server keeps instead of the token. Runs off the event loop. */
export const createTokenRecord = async (
  token: string,
  owner: Pick<TokenRecord, 'id' | 'role'>,
): Promise<TokenRecord> => {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(token, salt);
  return { ...owner, salt: salt.toString('hex'), hash: hash.toString('hex') };
};

/** Whether the token is the one of the record; compared in constant time. */
export const matchesTokenRecord = async (token: string, record: TokenRecord): Promise<boolean> => {
  const expected = Buffer.from(record.hash, 'hex');
  const actual = await derive(token, Buffer.from(record.salt, 'hex'));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
};
