import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matchesTokenRecord } from '@holdfast/sdk/process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settleCredentials } from './credentials.ts';

const URL = 'http://127.0.0.1:8000';
const FIRST = 'kR7-vonder-2-plaice-9x';
const SECOND = 'zT4-marrow-8-kettle-1q';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'holdfast-credentials-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const read = (name: string): Promise<string> => readFile(join(home, name), 'utf8');
const token = async (): Promise<unknown> =>
  (JSON.parse(await read('credentials.json')) as { token: unknown }).token;

describe('settleCredentials', () => {
  it('makes a token on the first start and keeps it on the next', async () => {
    const first = await settleCredentials({ home, url: URL });
    const records = await first.auth;
    expect(await token()).toBe(first.newToken);
    expect(await matchesTokenRecord(first.newToken ?? '', records[0]!)).toBe(true);
    expect((await stat(join(home, 'auth.json'))).mode & 0o777).toBe(0o600);
    const second = await settleCredentials({ home, url: URL });
    expect(second.newToken).toBeUndefined();
    expect(await second.auth).toEqual(records);
  });

  it('takes ADMIN_TOKEN, shows it to nobody, and follows when it changes', async () => {
    const first = await settleCredentials({ home, url: URL, adminToken: FIRST });
    expect(first.newToken).toBeUndefined();
    const before = await first.auth;
    expect(await read('auth.json')).not.toContain(FIRST);
    const same = await settleCredentials({ home, url: URL, adminToken: FIRST });
    expect(await same.auth).toEqual(before);
    const changed = await (await settleCredentials({ home, url: URL, adminToken: SECOND })).auth;
    expect(await token()).toBe(SECOND);
    expect(await matchesTokenRecord(SECOND, changed[0]!)).toBe(true);
    expect(await matchesTokenRecord(FIRST, changed[0]!)).toBe(false);
    const later = await settleCredentials({ home, url: URL });
    expect(await later.auth).toEqual(changed);
  });

  it('refreshes the url', async () => {
    await (
      await settleCredentials({ home, url: URL })
    ).auth;
    const before = await token();
    await settleCredentials({ home, url: 'http://127.0.0.1:9000' });
    expect(JSON.parse(await read('credentials.json'))).toEqual({
      url: 'http://127.0.0.1:9000',
      token: before,
    });
  });

  it('does not hash again when ADMIN_TOKEN is what the record says though credentials.json is gone', async () => {
    const before = await (await settleCredentials({ home, url: URL, adminToken: FIRST })).auth;
    await rm(join(home, 'credentials.json'));
    const again = await settleCredentials({ home, url: URL, adminToken: FIRST });
    expect(await again.auth).toEqual(before);
    expect(await token()).toBe(FIRST);
  });

  it('says that the token is unknown rather than replace it when only the hash is left', async () => {
    const before = await (await settleCredentials({ home, url: URL })).auth;
    await rm(join(home, 'credentials.json'));
    const again = await settleCredentials({ home, url: URL });
    expect(again).toMatchObject({ tokenUnknown: true, newToken: undefined });
    expect(await again.auth).toEqual(before);
    await expect(read('credentials.json')).rejects.toThrow('ENOENT');
  });

  it('finishes what a start that was cut off between the two files began', async () => {
    await (
      await settleCredentials({ home, url: URL, adminToken: FIRST })
    ).auth;
    await rm(join(home, 'auth.json'));
    const again = await settleCredentials({ home, url: URL });
    expect(again.newToken).toBeUndefined();
    expect(await matchesTokenRecord(FIRST, (await again.auth)[0]!)).toBe(true);
  });

  it('keeps other principals when the owner token changes', async () => {
    const [owner] = await (await settleCredentials({ home, url: URL, adminToken: FIRST })).auth;
    const other = { ...owner!, id: 'ana', role: 'operator' };
    await writeFile(join(home, 'auth.json'), JSON.stringify({ tokens: [owner, other] }));
    const changed = await (await settleCredentials({ home, url: URL, adminToken: SECOND })).auth;
    expect(changed.map((record) => record.id)).toEqual(['owner', 'ana']);
  });

  it.each(['{', '{"tokens":[]}', '{"tokens":[{"id":"owner"}]}', '[]'])(
    'refuses a damaged auth.json instead of replacing it: %s',
    async (content) => {
      await writeFile(join(home, 'auth.json'), content);
      await expect(settleCredentials({ home, url: URL, adminToken: FIRST })).rejects.toMatchObject({
        code: 'config_invalid',
      });
      expect(await read('auth.json')).toBe(content);
    },
  );

  it.each(['', 'admin', 'change-me-change-me'])(
    'refuses %j and writes nothing',
    async (adminToken) => {
      await expect(settleCredentials({ home, url: URL, adminToken })).rejects.toMatchObject({
        code: 'admin_token_weak',
      });
      await expect(read('credentials.json')).rejects.toThrow('ENOENT');
    },
  );
});
