import {
  allApis,
  GATEWAY_PORT,
  governanceApi,
  hasRole,
  isKernelId,
  KERNEL_IDS,
  kernelPrincipal,
  kernelRow,
  mayCall,
  type Op,
  type Principal,
} from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpCall } from '../harness/http-call.ts';
import { createOwnStack } from '../harness/own-stack.ts';
import { SHIPPED_KERNELS } from '../harness/shipped-kernels.ts';
import type { Stack } from '../harness/stack.ts';

interface Mutation {
  readonly kernel: string;
  readonly name: string;
  readonly op: Op;
}

const MUTATIONS: readonly Mutation[] = allApis.flatMap((api) =>
  Object.entries(api.ops)
    .filter(([, op]) => op.risk === 'change')
    .map(([name, op]) => ({ kernel: api.kernel, name, op })),
);

/** What carries a change out, and who alone may ask for it. Everything else only writes down what somebody wants. */
const APPLYING: Readonly<Record<string, readonly string[]>> = {
  applyStep: ['workflow_engine'],
  startRun: ['governance'],
  reportRun: ['workflow_engine'],
  putConfig: ['governance'],
};

const INTERNAL = MUTATIONS.filter(({ op }) => op.role === 'internal');
const PUBLIC = MUTATIONS.filter(({ op }) => op.role !== 'internal');

const pathOf = (op: Op): string => op.path.replaceAll(/\{\w+\}/g, 'x');

describe('the contracts', () => {
  it('name every operation that changes something', () => {
    expect(MUTATIONS.length).toBeGreaterThan(40);
    expect(INTERNAL.length).toBeGreaterThan(5);
    expect(Object.keys(APPLYING).every((name) => INTERNAL.some((one) => one.name === name))).toBe(
      true,
    );
  });

  it.each(INTERNAL)('let no person, agent or AI call $kernel $name', ({ kernel, name, op }) => {
    const callers: Principal[] = [
      { id: 'owner', kind: 'human', role: 'owner' },
      { id: 'ann', kind: 'human', role: 'admin' },
      { id: 'bob', kind: 'human', role: 'operator' },
      { id: 'eve', kind: 'human', role: 'viewer' },
      { id: 'robot', kind: 'ai', role: 'operator', scopes: ['*', `op:${name}`] },
      { id: 'agent:x', kind: 'agent', role: 'agent' },
    ];
    const target = { kernel: kernel as 'governance', name, op };
    expect(callers.filter((caller) => mayCall(caller, target))).toEqual([]);
    expect(mayCall(undefined, target)).toBe(false);
  });

  it.each(INTERNAL.filter(({ name }) => APPLYING[name]))(
    'let only the kernels that are named call $kernel $name',
    ({ kernel, name, op }) => {
      const target = { kernel: kernel as 'governance', name, op };
      const may = KERNEL_IDS.filter((id) => mayCall(kernelPrincipal(id), target));
      expect(may).toEqual(APPLYING[name]);
      expect(mayCall(kernelPrincipal('gateway'), target)).toBe(false);
    },
  );
});

describe('a running stack', () => {
  let stack: Stack;
  const tokens = new Map<string, string>();
  const people = [
    { id: 'ann', kind: 'human', role: 'admin' },
    { id: 'bob', kind: 'human', role: 'operator' },
    { id: 'eve', kind: 'human', role: 'viewer' },
    { id: 'robot', kind: 'ai', role: 'operator' },
  ] as const;

  beforeAll(async () => {
    stack = await createOwnStack();
    const up = await stack.up();
    if (up.code !== 0) throw new Error(up.stderr);
    for (const { id, kind, role } of people) {
      await stack.governance.createPrincipal({ id, kind, role });
      const { token } = await stack.governance.createToken({ principal: id });
      tokens.set(id, token);
    }
    tokens.set('owner', stack.token());
    const { token } = await stack.governance.createToken({ principal: 'bob', scopes: ['read'] });
    tokens.set('bob, read only', token);
  });
  afterAll(async () => stack?.destroy());

  const doors = (kernel: string): string[] => [
    stack.url,
    ...(isKernelId(kernel) && SHIPPED_KERNELS.includes(kernel)
      ? [`http://127.0.0.1:${kernelRow(kernel).port + stack.offset}`]
      : []),
  ];

  const statusOf = async (url: string, op: Op, token?: string): Promise<number> =>
    (
      await httpCall(`${url}${pathOf(op)}`, {
        method: op.method,
        ...(token === undefined ? {} : { token }),
        ...(op.method === 'DELETE' ? {} : { body: {} }),
      })
    ).status;

  it.each(INTERNAL)('refuses $kernel $name at every door to everybody', async ({ kernel, op }) => {
    const answers: string[] = [];
    for (const url of doors(kernel))
      for (const [who, token] of [...tokens, ['nobody', undefined], ['a stranger', 'x']] as const) {
        const status = await statusOf(url, op, token);
        const isRefused = [401, 403, 404, 405].includes(status);
        if (!isRefused) answers.push(`${who} at ${url}: ${status}`);
      }
    expect(answers).toEqual([]);
  });

  it.each(PUBLIC.filter(({ op }) => op.role !== 'anyone'))(
    'refuses $kernel $name to everybody whose role or token is too small',
    async ({ kernel, name, op }) => {
      const wrong: string[] = [];
      for (const url of doors(kernel)) {
        const isHealOnThisMachine = name === 'heal' && url === stack.url;
        if (!isHealOnThisMachine && (await statusOf(url, op)) !== 401)
          wrong.push(`nobody at ${url}`);
        if ((await statusOf(url, op, 'hft_AAAAAAAAAAAA_wrong')) !== 403)
          wrong.push(`a stranger at ${url}`);
        for (const { id, kind, role } of people) {
          if (op.role === 'internal' || op.role === 'anyone') continue;
          if (hasRole({ id, kind, role }, op.role)) continue;
          const status = await statusOf(url, op, tokens.get(id));
          if (status !== 403) wrong.push(`${id} at ${url}: ${status}`);
        }
        const scoped = await statusOf(url, op, tokens.get('bob, read only'));
        if (scoped !== 403) wrong.push(`a token that only reads, at ${url}: ${scoped}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('has recorded no change after all that', async () => {
    expect((await stack.client(governanceApi).listChanges({})).total).toBe(0);
    expect(stack.url).toContain(String(GATEWAY_PORT + stack.offset));
  });
});
