import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { rawExchange, readToEnd, sendRaw } from './test-support/raw-exchange.ts';

const MIB = 1024 * 1024;
const AUTH = `authorization: Bearer ${OWNER_TOKEN}`;
let kernel: FixtureKernel;
let gateway: FixtureGateway;

beforeAll(async () => {
  kernel = await startFixtureKernel((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answerJson(response, { got: Buffer.concat(chunks).toString('utf8') }));
  });
  gateway = await startFixtureGateway({
    ports: { governance: kernel.port, infrastructure_manager: kernel.port },
  });
});
afterAll(async () => {
  await gateway.stop();
  await kernel.close();
});

const propose = (body: string, init: RequestInit = {}): Promise<Response> =>
  gateway.call('/api/changes', { method: 'POST', body, ...init });

/** A body of unknown length. */
const chunked = (bytes: number): RequestInit => {
  let left = bytes;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left <= 0) return controller.close();
      controller.enqueue(new Uint8Array(Math.min(left, 64 * 1024)).fill(32));
      left -= 64 * 1024;
    },
  });
  return { method: 'POST', body, duplex: 'half' } as RequestInit;
};

describe('bodies', () => {
  it('reach the kernel byte for byte, whatever their content type', async () => {
    const body = '{"text":"gr\u00fc\u00dfe \u2713"}';
    const response = await propose(body, { headers: { 'content-type': 'text/plain' } });
    expect(await response.json()).toEqual({ got: body });
    expect(kernel.requests.at(-1)!.headers['content-type']).toBe('text/plain');
  });

  it('reach the kernel whole and with a length when they come in chunks', async () => {
    const response = await gateway.call('/api/changes', chunked(200_000));
    expect(((await response.json()) as { got: string }).got.length).toBe(200_000);
    expect(kernel.requests.at(-1)!.headers['content-length']).toBe('200000');
  });

  it('that are no JSON are left to the kernel to refuse', async () => {
    expect(await (await propose('{"a":')).json()).toEqual({ got: '{"a":' });
  });

  it.each([
    ['told in advance', () => ({ method: 'POST', body: 'x'.repeat(10 * MIB) })],
    ['found out on the way', () => chunked(10 * MIB)],
  ])('of 10 MB are refused with 413 when their size is %s', async (_name, init) => {
    const before = kernel.requests.length;
    const response = await gateway.call('/api/changes', init());
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'body_too_large', limit_bytes: MIB });
    expect(kernel.requests.length).toBe(before);
  });

  it('may be as large as their operation says', async () => {
    const body = 'y'.repeat(3 * MIB);
    const path = '/api/infrastructure/hosts/local/baseline';
    const response = await gateway.call(path, { method: 'PUT', body });
    expect(((await response.json()) as { got: string }).got.length).toBe(body.length);
  });

  it('of reads are not passed on', async () => {
    const text = await rawExchange(
      gateway.port,
      `GET /api/changes HTTP/1.1\r\n${AUTH}\r\ncontent-length: 5`,
      'hello',
    );
    expect(text).toContain('{"got":""}');
  });

  it('are asked for with 100 only when they will be read', async () => {
    const head = `POST /api/changes HTTP/1.1\r\nhost: g\r\n${AUTH}\r\nexpect: 100-continue\r\n`;
    const willing = await sendRaw(
      gateway.port,
      `${head}connection: close\r\ncontent-length: 2\r\n\r\n`,
    );
    const [first] = (await once(willing, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 100 /);
    willing.write('{}');
    expect(await readToEnd(willing)).toContain('"got":"{}"');
    const refused = await sendRaw(gateway.port, `${head}content-length: ${10 * MIB}\r\n\r\n`);
    expect(await readToEnd(refused)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that never end because the caller left do not reach the kernel', async () => {
    const before = kernel.requests.length;
    const socket = await sendRaw(
      gateway.port,
      `POST /api/changes HTTP/1.1\r\nhost: g\r\n${AUTH}\r\ncontent-length: 10\r\n\r\nhalf`,
    );
    socket.destroy();
    await once(socket, 'close');
    expect((await propose('{}')).status).toBe(200);
    expect(kernel.requests.length).toBe(before + 1);
  });
});

describe('requests that cannot be read', () => {
  it('have one length only: both framings at once are refused', async () => {
    const before = kernel.requests.length;
    const text = await rawExchange(
      gateway.port,
      `POST /api/changes HTTP/1.1\r\n${AUTH}\r\ncontent-length: 4\r\ntransfer-encoding: chunked`,
      '0\r\n\r\nGET /api/freeze HTTP/1.1\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(kernel.requests.length).toBe(before);
  });

  it.each([
    ['an oversize head', `x-filler: ${'x'.repeat(20_000)}`, 431],
    ['a field name with a blank', 'bad name: x', 400],
    ['a folded field', 'x-a: b\r\n c', 400],
    ['two lengths', 'content-length: 1\r\ncontent-length: 2', 400],
    ['an unknown transfer coding', 'transfer-encoding: gzip', 400],
  ])('get a problem: %s', async (_name, field, status) => {
    const before = kernel.requests.length;
    const head = `POST /api/changes HTTP/1.1\r\n${AUTH}\r\n${field}`;
    const text = await rawExchange(gateway.port, head);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toContain('application/problem+json');
    expect(kernel.requests.length).toBe(before);
  });
});
