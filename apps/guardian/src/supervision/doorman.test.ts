import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { bindListenHandle } from '@holdfast/sdk/process';
import { createDoorman, type DoormanLimits } from './doorman.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

interface Caller {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
}

/** A doorman in front of a free port, and callers that are let in one after the other. */
const openDoor = async (limits?: DoormanLimits) => {
  const handle = bindListenHandle('127.0.0.1', 0);
  const doorman = createDoorman(async () => handle, limits);
  let knocked = (): void => {};
  await doorman.open(() => knocked());
  undo.push(() => {
    doorman.close();
    for (const socket of doorman.take()) socket.destroy();
  });
  const call = async (): Promise<Caller> => {
    const letIn = new Promise<void>((resolve) => (knocked = resolve));
    const socket = connect(handle.port, '127.0.0.1');
    undo.push(() => socket.destroy());
    const closed = once(socket, 'close');
    await letIn;
    return { socket, closed };
  };
  return { doorman, call };
};

describe('callers of a sleeping process', () => {
  it('wait with what they have written, and nothing of it is read before they are handed over', async () => {
    const { doorman, call } = await openDoor();
    const caller = await call();
    caller.socket.write('words');
    const [taken] = doorman.take();
    undo.push(() => taken?.destroy());
    const [words] = (await once(taken!.resume(), 'data')) as [Buffer];
    expect(String(words)).toBe('words');
    expect(doorman.waiting()).toBe(0);
  });

  it('are not more than a number of them: the one that waits longest is refused for one more', async () => {
    const { doorman, call } = await openDoor({ most: 3, longestMs: 600_000 });
    const callers: Caller[] = [];
    for (let n = 0; n < 5; n += 1) callers.push(await call());
    await Promise.all(callers.slice(0, 2).map((one) => one.closed));
    expect(doorman.waiting()).toBe(3);
    const ports = callers.slice(2).map((one) => one.socket.localPort);
    const taken = doorman.take();
    undo.push(() => taken.forEach((one) => one.destroy()));
    expect(taken.map((one) => one.remotePort)).toEqual(ports);
  });

  it('do not wait longer than a start takes; those who were handed over by then are left alone', async () => {
    const { doorman, call } = await openDoor({ most: 3, longestMs: 40 });
    const served = await call();
    const [taken] = doorman.take();
    undo.push(() => taken?.destroy());
    const late = await call();
    await late.closed;
    expect(doorman.waiting()).toBe(0);
    taken?.write('served');
    expect(String((await once(served.socket, 'data'))[0])).toBe('served');
  });

  it('that go away before anybody comes are not handed over', async () => {
    const { doorman, call } = await openDoor({ most: 3, longestMs: 40 });
    const gone = await call();
    gone.socket.resetAndDestroy();
    const other = await call();
    await other.closed;
    expect(doorman.take()).toEqual([]);
  });
});
