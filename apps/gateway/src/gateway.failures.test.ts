import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  OWNER_TOKEN,
  startFixtureGateway,
  type FixtureGateway,
} from './test-support/fixture-gateway.ts';
import {
  answerJson,
  startFixtureKernel,
  type FixtureKernel,
} from './test-support/fixture-kernel.ts';
import { readToEnd, sendRaw } from './test-support/raw-exchange.ts';

let kernel: FixtureKernel;
let gateway: FixtureGateway;
const ok: FixtureKernel['handler'] = (_request, response) => answerJson(response, { ok: true });

beforeAll(async () => {
  kernel = await startFixtureKernel(ok);
  gateway = await startFixtureGateway({
    ports: { governance: kernel.port, message_bus: kernel.port },
    limits: { firstByteMs: 200, waitingFirstByteMs: 400, betweenBytesMs: 300 },
  });
});
afterEach(() => {
  kernel.handler = ok;
});
afterAll(async () => {
  await gateway.stop();
  await kernel.close();
});

const refusalOf = async (response: Response): Promise<unknown> => {
  const { code, kernel: name } = (await response.json()) as { code: string; kernel: string };
  return [response.status, code, name];
};
const lines = (): string =>
  `GET /api/freeze HTTP/1.1\r\nhost: g\r\nauthorization: Bearer ${OWNER_TOKEN}\r\n\r\n`;

describe('a kernel that is not there', () => {
  it('is a problem at once when nothing listens on its port', async () => {
    const gone = await startFixtureKernel();
    await gone.close();
    const broken = await startFixtureGateway({ ports: { governance: gone.port } });
    const response = await broken.call('/api/freeze');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await refusalOf(response)).toEqual([503, 'kernel_unavailable', 'governance']);
    await broken.stop();
  });

  it('is unavailable when the profile has it and the port map has not', async () => {
    const response = await gateway.call('/api/log/checkpoint');
    expect(await refusalOf(response)).toEqual([503, 'kernel_unavailable', 'immutable_log']);
  });

  it('is not installed when the profile has it not', async () => {
    const response = await gateway.call('/api/workflow/runs');
    expect(await refusalOf(response)).toEqual([501, 'not_installed', 'workflow_engine']);
  });
});

describe('a kernel that hangs', () => {
  it('is a problem after the limit for the first byte, and its call is ended', async () => {
    let ended: Promise<unknown> = Promise.resolve();
    kernel.handler = (request) => (ended = once(request.socket, 'close'));
    const response = await gateway.call('/api/freeze');
    expect(await refusalOf(response)).toEqual([504, 'kernel_timeout', 'governance']);
    await ended;
  });

  it('cuts the caller off when it stops in the middle of an answer', async () => {
    kernel.handler = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half');
    };
    const response = await gateway.call('/api/freeze');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });
});

describe('a kernel that dies', () => {
  it.each([
    ['with a length', { 'content-length': 100 }],
    ['in chunks', {}],
  ])('cuts the caller off in the middle of an answer %s', async (_name, headers) => {
    kernel.handler = (_request, response) => {
      response.writeHead(200, headers);
      response.write('half', () => response.socket!.resetAndDestroy());
    };
    const text = await readToEnd(await sendRaw(gateway.port, lines()));
    expect(text.endsWith('0\r\n\r\n')).toBe(false);
    expect(text).not.toContain('problem');
  });

  it('is a problem when it dies before the first byte', async () => {
    kernel.handler = (request) => request.socket.resetAndDestroy();
    const response = await gateway.call('/api/changes', { method: 'POST', body: '{}' });
    expect(await refusalOf(response)).toEqual([503, 'kernel_unavailable', 'governance']);
  });

  it('is a problem when it answers what is not HTTP', async () => {
    kernel.handler = (request) => request.socket.end('SSH-2.0-x\r\n\r\n');
    expect((await gateway.call('/api/freeze')).status).toBe(503);
  });
});

describe('a kept connection that broke', () => {
  /** Makes sure that a connection is kept, then breaks the next request on it, and only that. */
  const breakNext = async (): Promise<{ seen: () => number }> => {
    expect((await gateway.call('/api/freeze')).status).toBe(200);
    const before = kernel.requests.length;
    kernel.handler = (request) => {
      kernel.handler = ok;
      request.socket.resetAndDestroy();
    };
    return { seen: () => kernel.requests.length - before };
  };

  it('is not noticed by who reads: the call is sent again on a fresh one', async () => {
    const { seen } = await breakNext();
    expect((await gateway.call('/api/freeze')).status).toBe(200);
    expect(seen()).toBe(2);
  });

  it('is not noticed by who creates with an idempotency key, whose body is sent again', async () => {
    const { seen } = await breakNext();
    const headers = { 'idempotency-key': 'k1' };
    const response = await gateway.call('/api/changes', {
      method: 'POST',
      headers,
      body: '{"a":1}',
    });
    expect(response.status).toBe(200);
    expect(seen()).toBe(2);
    expect(kernel.requests.at(-1)!.headers['content-length']).toBe('7');
  });

  it('is a problem for any other change: it may have been carried out', async () => {
    const { seen } = await breakNext();
    const response = await gateway.call('/api/changes', { method: 'POST', body: '{}' });
    expect(response.status).toBe(503);
    expect(seen()).toBe(1);
  });

  it('is sent again once, not for ever', async () => {
    expect((await gateway.call('/api/freeze')).status).toBe(200);
    const before = kernel.requests.length;
    kernel.handler = (request) => request.socket.resetAndDestroy();
    expect((await gateway.call('/api/freeze')).status).toBe(503);
    expect(kernel.requests.length - before).toBe(2);
  });
});
