import { chmod, chown, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { SUPERVISION_PROTOCOL } from '@holdfast/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openControlServer } from './control-server.ts';

const onWindows = process.platform === 'win32';
const isRoot = process.getuid?.() === 0;
const SOMEBODY = 12_345;
const SECRET = 'of-this-stack';

let folder: string;
let path: string;
let server: Server | undefined;
let came: string[];

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'holdfast-control-')), 'run');
  path = onWindows ? `\\\\.\\pipe\\holdfast-test-${process.pid}` : join(folder, 'control.sock');
  came = [];
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(join(folder, '..'), { recursive: true, force: true });
});

const open = async (): Promise<Server> =>
  (server = await openControlServer({
    path,
    secret: SECRET,
    rejoin: ({ name }) => {
      came.push(name);
      return { message() {}, closed() {} };
    },
  }));

const hello = (secret: unknown, protocol: number = SUPERVISION_PROTOCOL): string =>
  `${JSON.stringify({ type: 'rejoin', protocol, name: 'scheduler', pid: 1, secret })}\n`;

/** What is said to somebody who says that, until the server ends it. */
const answerTo = async (text: string): Promise<string> => {
  const socket = connect(path);
  let said = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
    socket.end();
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return said;
};

describe.skipIf(onWindows)('the folder of the control socket (not on Windows: pipes)', () => {
  it('is made for this user alone, and a socket that a dead guardian left there is replaced', async () => {
    const first = await open();
    first.close();
    await mkdir(folder, { recursive: true });
    await expect(open()).resolves.toBeDefined();
  });

  it.each([0o777, 0o770, 0o707, 0o750, 0o705])('with mode %o is refused', async (mode) => {
    await mkdir(folder);
    await chmod(folder, mode);
    await expect(open()).rejects.toThrow(`${folder} is open to other users`);
  });

  it.runIf(isRoot)(
    'that belongs to somebody else is refused (root only: needs chown)',
    async () => {
      await mkdir(folder, { mode: 0o700 });
      await chown(folder, SOMEBODY, SOMEBODY);
      await expect(open()).rejects.toThrow(`${folder} is open to other users`);
    },
  );

  it('that is a link is refused, wherever it leads', async () => {
    const elsewhere = join(folder, '..', 'elsewhere');
    await mkdir(elsewhere, { mode: 0o700 });
    await symlink(elsewhere, folder);
    await expect(open()).rejects.toThrow(`${folder} is open to other users`);
  });
});

describe('a process that comes to the control socket', () => {
  it('with the secret of the stack is taken over', async () => {
    await open();
    const socket = connect(path);
    socket.write(hello(SECRET));
    while (came.length === 0) await new Promise(setImmediate);
    expect(came).toEqual(['scheduler']);
    socket.destroy();
  });

  it.each([['of-that-stack'], [''], [undefined], [7], [SECRET.slice(1)]])(
    'with the secret %j is not listened to',
    async (secret) => {
      await open();
      await answerTo(hello(secret));
      expect(came).toEqual([]);
    },
  );

  it('of another protocol is told to stop', async () => {
    await open();
    expect(await answerTo(hello(SECRET, SUPERVISION_PROTOCOL + 1))).toContain('"stop"');
    expect(came).toEqual([]);
  });
});
