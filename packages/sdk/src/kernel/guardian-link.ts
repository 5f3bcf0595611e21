import { lstat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { FromChild, Rejoin, ToChild } from '@holdfast/contracts';
import { onDisconnect } from '../process/on-disconnect.ts';
import { createLineSocket } from '../process/line-socket.ts';

/** A way to talk to the guardian while it lasts. */
export interface GuardianLink {
  send(message: FromChild | Rejoin): void;
}

export type Deliver = (message: ToChild, handle: unknown) => void;

/** How long a process serves without a guardian before it puts its work in order and leaves. */
const ALONE_MS = 15 * 60_000;
const PAUSE_MS = 50;

/** The channel to the guardian that started this process. Undefined when there is none. */
export const openIpcLink = (deliver: Deliver, lost: () => void): GuardianLink | undefined => {
  if (process.send === undefined) return undefined;
  process.on('message', (message: ToChild, handle: unknown) => deliver(message, handle));
  onDisconnect(lost);
  return {
    send: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
  };
};

/** The socket lies in a folder that this user alone may enter: who else could be there would be told the secret. */
const isOwn = async (path: string): Promise<boolean> => {
  if (process.platform === 'win32') return true;
  try {
    const { uid, mode } = await lstat(dirname(path));
    return uid === process.getuid?.() && (mode & 0o077) === 0;
  } catch {
    return false;
  }
};

const tryOnce = (
  path: string,
  deliver: Deliver,
  lost: () => void,
): Promise<GuardianLink | undefined> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const refused = (): void => resolve(undefined);
    socket.once('error', refused);
    socket.once('connect', () => {
      socket.off('error', refused);
      resolve(
        createLineSocket(socket, {
          message: (message) => deliver(message as ToChild, undefined),
          closed: lost,
        }),
      );
    });
  });

/**
 * Looks for the next guardian at its control socket, again and again; resolves with a link on which `hello` was said,
 * or undefined when none came for a quarter of an hour.
 */
export const findGuardian = async (
  path: string,
  hello: () => Rejoin,
  deliver: Deliver,
  lost: () => void,
): Promise<GuardianLink | undefined> => {
  const until = performance.now() + ALONE_MS;
  while (performance.now() < until) {
    const link = (await isOwn(path)) ? await tryOnce(path, deliver, lost) : undefined;
    if (link !== undefined) {
      link.send(hello());
      return link;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return undefined;
};
