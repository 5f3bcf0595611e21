import { timingSafeEqual } from 'node:crypto';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { SUPERVISION_PROTOCOL, type FromChild, type Rejoin } from '@holdfast/contracts';
import type { LineSocket } from '@holdfast/sdk/process';
import { createLineSocket } from '@holdfast/sdk/process';

export interface Rejoiner {
  message(message: FromChild): void;
  closed(): void;
}

interface Options {
  readonly path: string;
  readonly secret: string;
  /** Answers who takes the process over; undefined tells it to leave. */
  rejoin(hello: Rejoin, line: LineSocket): Rejoiner | undefined;
}

const HELLO_MS = 5_000;

const knows = (given: unknown, secret: string): boolean => {
  const left = Buffer.from(String(given));
  const right = Buffer.from(secret);
  return left.length === right.length && timingSafeEqual(left, right);
};

/** The folder must be this user's alone, and no link: who can write to it can pretend to be the guardian. */
const makeFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0)
    throw new Error(`${folder} is open to other users`);
};

const serve = (socket: Socket, options: Options): void => {
  let rejoiner: Rejoiner | undefined;
  const limit = setTimeout(() => socket.destroy(), HELLO_MS);
  const line = createLineSocket(socket, {
    message(message) {
      if (rejoiner !== undefined) {
        rejoiner.message(message as FromChild);
        return;
      }
      clearTimeout(limit);
      const hello = message as Rejoin;
      if (hello?.type !== 'rejoin' || !knows(hello.secret, options.secret)) socket.destroy();
      else if (hello.protocol === SUPERVISION_PROTOCOL) rejoiner = options.rejoin(hello, line);
      if (rejoiner === undefined) line.send({ type: 'stop' });
    },
    closed() {
      clearTimeout(limit);
      rejoiner?.closed();
    },
  });
};

/** Listens for processes that outlived the guardian before this one. Resolves when they can connect. */
export const openControlServer = async (options: Options): Promise<Server> => {
  if (process.platform !== 'win32') {
    await makeFolder(dirname(options.path));
    await rm(options.path, { force: true });
  }
  const server = createServer((socket) => serve(socket, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.path, resolve);
  });
  return server;
};
