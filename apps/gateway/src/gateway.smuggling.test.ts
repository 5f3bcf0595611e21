import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  OWNER_TOKEN,
  startFixtureGateway,
  type FixtureGateway,
} from './test-support/fixture-gateway.ts';
import { startFixtureKernel, type FixtureKernel } from './test-support/fixture-kernel.ts';
import { readToEnd, sendRaw } from './test-support/raw-exchange.ts';

const AUTH = `authorization: Bearer ${OWNER_TOKEN}\r\n`;
const HOST = 'host: gateway\r\n';
const POST = `POST /api/changes HTTP/1.1\r\n${HOST}${AUTH}`;
const GET = `GET /api/changes HTTP/1.1\r\n${HOST}${AUTH}`;
const CHUNKED = `${POST}transfer-encoding: chunked\r\n\r\n`;
const END = '0\r\n\r\n';
/** What an attacker hides behind the first request. */
const SECOND = `GET /api/freeze HTTP/1.1\r\n${HOST}${AUTH}\r\n`;

let kernel: FixtureKernel;
let gateway: FixtureGateway;

beforeAll(async () => {
  kernel = await startFixtureKernel();
  gateway = await startFixtureGateway({
    ports: { governance: kernel.port, infrastructure_manager: kernel.port },
  });
  // The token is known from here on: what follows is decided at once.
  await gateway.call('/api/changes');
});
beforeEach(() => {
  kernel.requests.length = 0;
});
afterAll(async () => {
  await gateway.stop();
  await kernel.close();
});

/** One answer, with that status and code, and then the end of the connection. */
const expectRefusal = async (text: string, status: number, code: string): Promise<void> => {
  const connections = kernel.sockets.size;
  const answer = await readToEnd(await sendRaw(gateway.port, text));
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
  expect(answer).toContain('application/problem+json');
  expect(answer).toContain(`"code":"${code}"`);
  expect(kernel.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  expect(kernel.sockets.size).toBe(connections);
};

const refuse = (cases: readonly (readonly [string, string])[]): void => {
  it.each(cases)('%s', async (_name, text) => {
    await expectRefusal(text, 400, 'malformed_request');
  });
  it.each(cases)('%s, with a request behind it', async (_name, text) => {
    await expectRefusal(text + SECOND, 400, 'malformed_request');
  });
};

describe('refuses the length of a body when it is', () => {
  refuse([
    ['told in both ways', `${POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${END}`],
    [
      'told in both ways, turned',
      `${POST}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n${END}`,
    ],
    ['told twice with two values', `${POST}content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef`],
    ['told twice with one value', `${POST}content-length: 5\r\ncontent-length: 5\r\n\r\nabcde`],
    ['a list', `${POST}content-length: 5, 5\r\n\r\nabcde`],
    ['signed', `${POST}content-length: +5\r\n\r\nabcde`],
    ['negative', `${POST}content-length: -5\r\n\r\nabcde`],
    ['hexadecimal', `${POST}content-length: 0x5\r\n\r\nabcde`],
    ['two numbers', `${POST}content-length:  5 5\r\n\r\nabcde`],
    ['empty', `${POST}content-length:\r\n\r\nabcde`],
    ['beyond all numbers', `${POST}content-length: 99999999999999999999999\r\n\r\nabcde`],
  ]);
});

describe('refuses a transfer coding that is', () => {
  const coded = (...values: string[]): string =>
    `${POST}${values.map((value) => `transfer-encoding: ${value}\r\n`).join('')}\r\n${END}`;
  refuse([
    ['chunked before another', coded('chunked, identity')],
    ['chunked after another', coded('identity, chunked')],
    ['chunked twice', coded('chunked, chunked')],
    ['another', coded('xchunked')],
    ['compression', coded('gzip, chunked')],
    ['quoted', coded('"chunked"')],
    ['behind a vertical tab', coded('\x0bchunked')],
    ['told twice', coded('chunked', 'chunked')],
    ['told twice, once as another', coded('identity', 'chunked')],
    ['empty', coded('')],
    ['in HTTP/1.0', coded('chunked').replace('HTTP/1.1', 'HTTP/1.0')],
    ['on a read', `${GET}transfer-encoding: chunked\r\n\r\n${END}`],
    ['on a removal', coded('chunked').replace('POST /api/changes', 'DELETE /api/freeze')],
  ]);
});

describe('refuses chunks', () => {
  refuse([
    ['whose size is no number', `${CHUNKED}zz\r\n`],
    ['whose size has a prefix', `${CHUNKED}0x1\r\na\r\n${END}`],
    ['whose size has a sign', `${CHUNKED}+1\r\na\r\n${END}`],
    ['whose size has a blank behind it', `${CHUNKED}1 \r\na\r\n${END}`],
    ['whose size is empty', `${CHUNKED}\r\na\r\n${END}`],
    ['whose size is beyond all numbers', `${CHUNKED}fffffffffffffffff\r\na\r\n${END}`],
    ['that are longer than they say', `${CHUNKED}1\r\nabc\r\n${END}`],
    ['that end without CR LF', `${CHUNKED}1\r\na${END}`],
    ['whose size ends with a bare LF', `${CHUNKED}1\na\r\n${END}`],
    ['whose content ends with a bare LF', `${CHUNKED}1\r\na\n${END}`],
    ['whose content ends with a bare CR', `${CHUNKED}1\r\na\r${END}`],
    ['that end with a bare LF', `${CHUNKED}1\r\na\r\n0\r\n\n`],
    ['with a bare LF in an extension', `${CHUNKED}1;x\n\r\na\r\n${END}`],
    ['with a bare CR in an extension', `${CHUNKED}1;x\ry\r\na\r\n${END}`],
    ['with an endless extension', `${CHUNKED}1;${'x'.repeat(17_000)}\r\na\r\n${END}`],
    ['with a length in their trailer', `${CHUNKED}1\r\na\r\n0\r\ncontent-length: 7\r\n\r\n`],
  ]);
});

describe('refuses a head', () => {
  const START = 'GET /api/changes HTTP/1.1';
  refuse([
    ['with a folded field', `${GET}x-a: b\r\n c\r\n\r\n`],
    ['with a folded coding', `${POST}transfer-encoding:\r\n chunked\r\n\r\n${END}`],
    ['whose first line ends with a bare LF', `${START}\n${HOST}${AUTH}\r\n`],
    ['whose field ends with a bare LF', `${START}\r\nhost: gateway\n${AUTH}\r\n`],
    ['that ends with a bare LF', `${GET}\n`],
    ['with only bare LF', `${GET}\r\n`.replaceAll('\r', '')],
    ['with a bare CR for a line end', `${START}\r\nhost: gateway\r${AUTH}\r\n`],
    ['with a bare CR in a value', `${GET}x: a\rb\r\n\r\n`],
    ['with CR CR LF', `${START}\r\nhost: gateway\r\r\n${AUTH}\r\n`],
    ['with a blank before a colon', `${POST}content-length : 5\r\n\r\nabcde`],
    ['with a tab before a colon', `${POST}transfer-encoding\t: chunked\r\n\r\n${END}`],
    ['with a blank before the first name', `${START}\r\n ${HOST}${AUTH}\r\n`],
    ['with an empty name', `${GET}: x\r\n\r\n`],
    ['with a line without a colon', `${GET}content-length\r\n\r\n`],
    ['with NUL in a value', `${GET}x: a\0b\r\n\r\n`],
    ['with NUL in a name', `${GET}x\0: a\r\n\r\n`],
    ['with NUL in the target', `GET /api/changes\0 HTTP/1.1\r\n${HOST}${AUTH}\r\n`],
    ['with a control byte in a value', `${GET}x: a\x01b\r\n\r\n`],
    ['with DEL in a value', `${GET}x: a\x7fb\r\n\r\n`],
    ['with a tab for a blank', `${GET}\r\n`.replace(' ', '\t')],
    ['with a blank after the version', `${START} \r\n${HOST}${AUTH}\r\n`],
    ['with a blank in the target', `GET /api/changes x HTTP/1.1\r\n${HOST}${AUTH}\r\n`],
    ['with a method in small letters', `get /api/changes HTTP/1.1\r\n${HOST}${AUTH}\r\n`],
    ['that is no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ]);

  it.each([
    ['a field', `${GET}x: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['many fields', `${GET}${'x: y\r\n'.repeat(4_000)}\r\n`],
    ['a target', `GET /api/changes?${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}${AUTH}\r\n`],
    ['a trailer', `${CHUNKED}1\r\na\r\n0\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('that is too large: %s', async (_name, text) => {
    await expectRefusal(text, 431, 'head_too_large');
  });

  it('whose second host hides behind thousands of fields', async () => {
    const filler = 'a:\r\n'.repeat(2_100);
    await expectRefusal(`${POST}${filler}host: other\r\n\r\n`, 431, 'head_too_large');
  });
});

describe('refuses a target', () => {
  const to = (target: string, method = 'GET'): string =>
    `${method} ${target} HTTP/1.1\r\n${HOST}${AUTH}\r\n`;
  refuse([
    ['in absolute form', to('http://gateway/api/changes')],
    ['in absolute form elsewhere', to('http://169.254.169.254/api/changes')],
    ['in authority form', to('gateway:80')],
    ['to tunnel to', to('127.0.0.1:22', 'CONNECT')],
    ['that is a star', to('*')],
    ['that is a star, for options', to('*', 'OPTIONS')],
    ['without a slash', to('api/changes')],
  ]);
});

describe('refuses the host', () => {
  const hosts = (...values: string[]): string =>
    `GET /api/changes HTTP/1.1\r\n${values.map((value) => `host: ${value}\r\n`).join('')}${AUTH}\r\n`;
  refuse([
    ['when there is none', hosts()],
    ['when there are two', hosts('gateway', 'other')],
    ['when it is told twice', hosts('gateway', 'gateway')],
    ['when it is empty', hosts('')],
    ['when it holds a path', hosts('gateway/x')],
    ['when it holds a blank', hosts('gateway x')],
    ['when it holds a user', hosts('user@gateway')],
  ]);
});

describe('refuses the version', () => {
  const version = (text: string): string => `GET /api/changes ${text}\r\n${HOST}${AUTH}\r\n`;
  refuse([
    ['0.9 as it was', 'GET /api/changes\r\n\r\n'],
    ['0.9 by name', version('HTTP/0.9')],
    ['1.2', version('HTTP/1.2')],
    ['2.0', version('HTTP/2.0')],
    ['01.1', version('HTTP/01.1')],
    ['in small letters', version('http/1.1')],
    ['2 by its preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ]);
});

describe('upgrades', () => {
  const h2c = 'connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n';
  const agent = `GET /api/infrastructure/agents/connect HTTP/1.1\r\n${HOST}connection: upgrade\r\nupgrade: websocket\r\n`;

  it('to HTTP/2 are refused, and nothing behind them is read', async () => {
    await expectRefusal(`${GET}${h2c}\r\n${SECOND}`, 404, 'not_found');
    await expectRefusal(`${GET}${h2c}\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, 404, 'not_found');
  });

  it.each([
    ['a length', 'content-length: 5\r\n\r\nabcde'],
    ['a coding', `transfer-encoding: chunked\r\n\r\n${END}`],
    ['a second host', 'host: other\r\n\r\n'],
  ])('with %s are refused', async (_name, rest) => {
    await expectRefusal(agent + rest, 400, 'malformed_request');
  });

  it('that the kernel does not take leave no way to it', async () => {
    // A fixture kernel speaks no WebSocket and answers as to any request.
    const socket = await sendRaw(gateway.port, `${agent}\r\n${SECOND}`);
    await once(socket, 'data');
    socket.write(SECOND.repeat(3));
    // What comes later on the same connection to the kernel has overtaken nothing: one connection, one order.
    await gateway.call('/api/changes');
    expect(kernel.requests.map(({ url }) => url)).not.toContain('/api/freeze');
    socket.destroy();
  });

  it('behind a request that is still being answered are cut off', async () => {
    const text = await readToEnd(await sendRaw(gateway.port, `${GET}\r\n${agent}\r\n`));
    expect(text).not.toContain('101');
    expect(kernel.requests.map(({ headers }) => headers.upgrade)).not.toContain('websocket');
  });
});

describe('still takes what is well formed', () => {
  it.each([
    ['chunks with an extension', `${CHUNKED}2;a=b\r\n{}\r\n${END}`],
    ['a coding in capitals', `${POST}Transfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n${END}`],
    ['a trailer', `${CHUNKED}2\r\n{}\r\n0\r\nx-sum: 1\r\n\r\n`],
    ['an empty line before the request', `\r\n${POST}content-length: 2\r\n\r\n{}`],
    ['HTTP/1.0 without a host', `GET /api/changes HTTP/1.0\r\n${AUTH}\r\n`],
  ])('%s', async (_name, text) => {
    const socket = await sendRaw(gateway.port, text);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    expect(kernel.requests.length).toBe(1);
    socket.destroy();
  });

  it('answers an expectation that it does not know with 417', async () => {
    const socket = await sendRaw(
      gateway.port,
      `${POST}expect: 200-ok\r\ncontent-length: 1\r\n\r\na`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 417 /);
    expect(kernel.requests).toEqual([]);
    socket.destroy();
  });
});
