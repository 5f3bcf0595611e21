import { join } from 'node:path';
import type { ApproverKey, Freeze } from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPerson, type Person } from './support/people.ts';
import { createProfileStack, type ProfileStack } from './support/profile-stack.ts';

interface Refused {
  readonly error: { readonly code: string; readonly message: string; readonly next: string };
}

describe('the profile enterprise-vip without an identity provider', () => {
  let stack: ProfileStack;
  const people: Person[] = [];

  beforeAll(async () => {
    stack = await createProfileStack({}, { profile: 'enterprise-vip' });
    const up = await stack.up();
    if (up.code !== 0) throw new Error(up.stderr);
    for (const name of ['ann', 'ben']) {
      const added = await stack.cli('principals', 'add', name, '--role', 'admin');
      if (added.code !== 0) throw new Error(added.stderr);
      const made = await stack.cli('tokens', 'create', '--principal', name);
      const folder = join(stack.config, '..', 'people');
      people.push(createPerson({ stack, folder, name, token: made.stdout.trim() }));
    }
  });
  afterAll(() => stack?.destroy());

  test('confirms no key, since all of it goes back to the owner, and says exactly what to do', async () => {
    const [ann, ben] = people;
    const key = (await ann!.cli('keys', 'init', '--json')).json<ApproverKey>();
    expect(key.state).toBe('pending');
    for (const other of [stack, ben!]) {
      const refused = await other.cli('keys', 'confirm', key.id, '--json');
      expect(refused.code).toBe(2);
      const { code, message, next } = refused.json<Refused>().error;
      expect(code).toBe('key_one_voice');
      for (const words of ['identity.oidc', 'holdfast login', 'keys init', 'keys confirm'])
        expect(message).toContain(words);
      expect(next).not.toBe('');
    }
    const login = await ann!.cli('login', '--json');
    expect(login.json<Refused>().error).toMatchObject({
      code: 'login_not_configured',
      next: expect.stringContaining('identity.oidc'),
    });
    const link = ['--issuer', 'http://127.0.0.1:1', '--subject', 'ann', '--json'];
    const linked = await stack.cli('principals', 'link', 'ann', ...link);
    expect(linked.json<Refused>().error.code).toBe('login_not_configured');
  });

  test('freezing and thawing say whether there was anything to do', async () => {
    const scope = ['--scope', 'kind:config'];
    const nothing = await stack.cli('unfreeze', ...scope);
    expect([nothing.code, nothing.stderr]).toEqual([
      1,
      expect.stringContaining('unfroze nothing: kind:config was not frozen'),
    ]);
    expect((await stack.cli('freeze', ...scope)).code).toBe(0);
    const again = await stack.cli('freeze', ...scope, '--reason', 'more');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('frozen already')]);
    const thawed = await stack.cli('unfreeze', ...scope, '--json');
    expect([thawed.code, thawed.json<Freeze>()]).toMatchObject([0, { unfroze: 1, scopes: [] }]);
    expect((await stack.cli('freeze')).code).toBe(0);
    expect((await stack.cli('freeze')).stdout).toContain('was on already');
    expect((await stack.cli('unfreeze')).code).toBe(0);
    const off = await stack.cli('unfreeze');
    expect([off.code, off.stderr]).toEqual([1, expect.stringContaining('was not on')]);
  });
});
