import { createClient, type Transport } from '@holdfast/client';
import {
  governanceApi,
  guardianApi,
  HoldfastError,
  kernelPrincipal,
  type Principal,
} from '@holdfast/contracts';
import { describe, expect, it } from 'vitest';
import { createGuardianTransport, withGuardian } from './guardian-transport.ts';

type Ask = (op: string, input: unknown, principal: Principal) => Promise<unknown>;

const self = kernelPrincipal('governance');
const clientOf = (ask: Ask) => createClient(guardianApi, createGuardianTransport({ ask }, self));
const away = new HoldfastError('kernel_unavailable', { kernel: 'guardian' });
const wanted = { profile: 'user', overrides: {}, change: 'chg_1', expected_revision: 'rev_1' };

describe('the transport to the guardian', () => {
  it('asks by name, in the name of the kernel, and answers what the guardian said', async () => {
    const asked: unknown[] = [];
    const client = clientOf((...call) => {
      asked.push(call);
      return Promise.resolve({ settled: true });
    });
    expect(await client.putConfig(wanted)).toEqual({ settled: true });
    expect(asked).toEqual([['putConfig', wanted, self]]);
  });

  it('puts a read once more that a dying guardian left without an answer, and a change never', async () => {
    let asked = 0;
    const dying: Ask = () => {
      asked += 1;
      return asked === 1 ? Promise.reject(away) : Promise.resolve({ asked });
    };
    expect(await clientOf(dying).getActiveConfig({})).toEqual({ asked: 2 });
    asked = 0;
    await expect(clientOf(dying).putConfig(wanted)).rejects.toBe(away);
    expect(asked).toBe(1);
  });

  it('gives up in time, and with its caller', async () => {
    const silent = clientOf(() => new Promise(() => {}));
    await expect(silent.getActiveConfig({}, { timeoutMs: 5 })).rejects.toMatchObject({
      code: 'kernel_timeout',
    });
    const gone = new AbortController();
    const call = silent.getActiveConfig({}, { signal: gone.signal });
    gone.abort();
    await expect(call).rejects.toMatchObject({ code: 'kernel_unavailable' });
  });

  it('passes the refusal of the guardian on', async () => {
    const refusal = new HoldfastError('config_patch_invalid', { detail: 'no' });
    await expect(clientOf(() => Promise.reject(refusal)).putConfig(wanted)).rejects.toBe(refusal);
  });

  it('leaves calls to kernels to the other transport', async () => {
    const through =
      (name: string): Transport =>
      () =>
        Promise.resolve(name);
    const transport = withGuardian(through('channel'), through('http'));
    expect(await createClient(guardianApi, transport).getActiveConfig({})).toBe('channel');
    expect(await createClient(governanceApi, transport).getFreeze({})).toBe('http');
  });
});
