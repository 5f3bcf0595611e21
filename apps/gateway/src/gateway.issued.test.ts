import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PRINCIPAL_HEADER, type Principal } from '@holdfast/contracts';
import {
  bearer,
  startFixtureGateway,
  type FixtureGateway,
  type FixtureGatewayOptions,
} from './test-support/fixture-gateway.ts';
import {
  startFixtureGovernance,
  type FixtureGovernance,
} from './test-support/fixture-governance.ts';
import { fixtureProfile } from './test-support/fixture-profile.ts';
import { startFixtureKernel, type FixtureKernel } from './test-support/fixture-kernel.ts';

const ann: Principal = { id: 'ann', kind: 'human', role: 'operator' };

let governance: FixtureGovernance;
let other: FixtureKernel;
let gateway: FixtureGateway;

const open = async (options: FixtureGatewayOptions = {}): Promise<void> => {
  gateway = await startFixtureGateway({
    ports: { governance: governance.kernel.port, infrastructure_manager: other.port },
    ...options,
  });
};
beforeEach(async () => {
  governance = await startFixtureGovernance();
  other = await startFixtureKernel();
  await open();
});
afterEach(async () => {
  await gateway.stop();
  await governance.stop();
  await other.close();
});

const call = (token: string, path = '/api/infrastructure/hosts', method = 'GET') =>
  gateway.call(path, { method, headers: bearer(token) });
const outcome = async (token: string, path?: string, method?: string): Promise<string> => {
  const response = await call(token, path, method);
  const body = (await response.json()) as { code?: string };
  return body.code ?? String(response.status);
};
const lastPrincipal = (): Principal => {
  const text = String(other.requests.at(-1)!.headers[PRINCIPAL_HEADER]);
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Principal;
};
/** Calls until the gateway knows the token and follows what becomes of it. */
const settle = async (token: string): Promise<void> => {
  expect(await outcome(token)).toBe('200');
  await governance.followed();
  expect(await outcome(token)).toBe('200');
};

describe('tokens that governance issued', () => {
  it('let their principal in with its scopes and the id of the token, and never the token', async () => {
    const token = governance.issue({ ...ann, scopes: ['read'] });
    expect(await outcome(token)).toBe('200');
    expect(lastPrincipal()).toEqual({ ...ann, scopes: ['read'], token: token.split('_')[1] });
    const seen = JSON.stringify(
      [other.requests, governance.kernel.requests].flat().map((one) => one.rawHeaders),
    );
    expect(seen).not.toContain(token);
    expect(gateway.logged.join('')).not.toContain(token.slice(-43));
  });

  it('are good for no more than their scopes and their role', async () => {
    const scoped = governance.issue({ ...ann, scopes: ['infrastructure_manager:read'] });
    expect(await outcome(scoped)).toBe('200');
    expect(await outcome(scoped, '/api/changes')).toBe('forbidden');
    expect(await outcome(scoped, '/api/changes', 'POST')).toBe('forbidden');
    expect(await outcome(scoped, '/auth/whoami')).toBe('200');
    const viewer = governance.issue({ ...ann, role: 'viewer' });
    expect(await outcome(viewer, '/api/changes', 'POST')).toBe('forbidden');
  });

  it('are asked for once, also by many calls at a time', async () => {
    const token = governance.issue(ann);
    await settle(token);
    const before = governance.introspections();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(token)));
    expect(outcomes).toEqual(Array(50).fill('200'));
    expect(governance.introspections()).toBe(before);
    const fresh = governance.issue(ann);
    await Promise.all(Array.from({ length: 20 }, () => outcome(fresh)));
    expect(governance.introspections()).toBe(before + 1);
  });

  it('end at once when governance says that something changed', async () => {
    const token = governance.issue(ann);
    const kept = governance.issue({ ...ann, id: 'bob' });
    await settle(token);
    await settle(kept);
    governance.change(token);
    await governance.followed();
    expect(await outcome(token)).toBe('forbidden');
    expect(await outcome(kept)).toBe('200');
  });

  it('follow the role of their principal at once', async () => {
    const token = governance.issue(ann);
    expect(await outcome(token, '/api/changes', 'POST')).toBe('200');
    await settle(token);
    governance.change(token, { ...ann, role: 'viewer' });
    await governance.followed();
    expect(await outcome(token, '/api/changes', 'POST')).toBe('forbidden');
  });

  it('are not remembered by an answer that was on its way when something changed', async () => {
    const first = governance.issue(ann);
    await settle(first);
    const token = governance.issue(ann);
    governance.onIntrospect = async () => {
      governance.onIntrospect = () => Promise.resolve();
      governance.change(token);
      await governance.followed();
    };
    await outcome(token);
    expect(await outcome(token)).toBe('forbidden');
  });

  it('end with their time', async () => {
    const token = governance.issue(ann, Date.now() + 1_500);
    await settle(token);
    const end = Date.now() + 1_500;
    while (Date.now() <= end) await outcome(token);
    governance.change(token);
    expect(await outcome(token)).toBe('forbidden');
  });

  it('are refused with 403 when they are wrong, from memory the next time', async () => {
    const token = governance.issue(ann);
    const wrong = `${token.slice(0, -4)}AAAA`;
    expect((await call(wrong)).status).toBe(403);
    expect((await call(wrong)).status).toBe(403);
    expect(governance.introspections()).toBe(1);
    expect(await outcome(token)).toBe('200');
  });

  it('keep working at an address from which too many wrong ones came', async () => {
    const token = governance.issue(ann);
    await settle(token);
    const guesses = Array.from({ length: 80 }, (_, index) =>
      outcome(`hft_${String(index).padStart(20, '0')}_${'A'.repeat(43)}`),
    );
    expect(new Set(await Promise.all(guesses))).toEqual(new Set(['forbidden', 'rate_limited']));
    governance.change(governance.issue(ann));
    await governance.followed();
    expect(await outcome(token)).toBe('200');
  });

  it('share the limit of their principal', async () => {
    await gateway.stop();
    await open({ profile: fixtureProfile({ limits: { rate_limit_rps: 3 } }) });
    const [one, two] = [governance.issue(ann), governance.issue({ ...ann, scopes: ['read'] })];
    const outcomes: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) outcomes.push(await outcome(one), await outcome(two));
    expect(outcomes.slice(0, 6)).toEqual(Array(6).fill('200'));
    expect(outcomes).toContain('rate_limited');
    const bob = governance.issue({ ...ann, id: 'bob' });
    expect(await outcome(bob)).toBe('200');
  });
});

describe('without governance', () => {
  it('keeps the owner and known tokens in, and tells unknown ones to come again', async () => {
    const token = governance.issue(ann);
    await settle(token);
    await governance.stop();
    expect(await outcome(token)).toBe('200');
    expect((await gateway.call('/api/infrastructure/hosts')).status).toBe(200);
    const unknown = await call(governance.issue(ann));
    expect(unknown.status).toBe(503);
    expect(await unknown.json()).toMatchObject({
      code: 'kernel_unavailable',
      kernel: 'governance',
    });
    expect(await outcome('wrong-token-of-the-old-kind')).toBe('forbidden');
  });

  it('learns what changed meanwhile as soon as it is back', async () => {
    const token = governance.issue(ann);
    await settle(token);
    await governance.stop();
    governance.change(token);
    await governance.restart();
    await governance.followed();
    expect(await outcome(token)).toBe('forbidden');
  });

  it('lets somebody in once it is back, who could not be checked before', async () => {
    await governance.stop();
    const token = governance.issue(ann);
    expect(await outcome(token)).toBe('kernel_unavailable');
    await governance.restart();
    expect(await outcome(token)).toBe('200');
  });
});

describe('streams', () => {
  const openStream = async (token: string): Promise<{ ended: Promise<void> }> => {
    other.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n');
    };
    gateway.ports = { ...gateway.ports, message_bus: other.port };
    const response = await gateway.call('/api/events', {
      headers: { ...bearer(token), accept: 'text/event-stream' },
    });
    expect(response.status).toBe(200);
    const reader = response.body!.getReader();
    await reader.read();
    const drain = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    return { ended: drain().catch(() => {}) };
  };

  it('end when the token by which they were opened is revoked, and no others', async () => {
    const token = governance.issue(ann);
    const kept = governance.issue({ ...ann, id: 'bob' });
    await settle(token);
    const first = await openStream(token);
    const second = await openStream(kept);
    let over = false;
    void second.ended.then(() => (over = true));
    governance.change(token);
    await first.ended;
    expect(over).toBe(false);
    governance.change(kept, { ...ann, id: 'bob', role: 'viewer' });
    await second.ended;
  });

  it('that were opened with a token that was revoked at that moment end too', async () => {
    const first = governance.issue(ann);
    await settle(first);
    const token = governance.issue(ann);
    governance.onIntrospect = async () => {
      governance.onIntrospect = () => Promise.resolve();
      governance.change(token);
      await governance.followed();
    };
    // It may be cut before its head, or after.
    await openStream(token).then(
      ({ ended }) => ended,
      (error: unknown) => expect(error).toBeInstanceOf(TypeError),
    );
  });
});
