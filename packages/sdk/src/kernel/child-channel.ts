import type {
  FromChild,
  GuardianQuestion,
  PortMap,
  ProcessInit,
  ToChild,
} from '@holdfast/contracts';

/** The child's end of the channel to the guardian. */
export interface ChildChannel {
  readonly init: ProcessInit;
  /** The listening socket that came with `init` (a raw TCP handle), if any. */
  readonly handle: unknown;
  /** Live ports: replaced in place when the guardian moves a kernel. */
  ports(): PortMap;
  ready(): void;
  failed(problems: readonly string[]): void;
  ask(question: GuardianQuestion): Promise<unknown>;
  /** Called once: on `stop`, on a termination signal, or when the guardian is gone. */
  onStop(callback: () => void): void;
}

const send = (message: FromChild): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};

/**
 * Waits for the guardian's `init`. A terminal sends interrupt and hang-up to the whole process group: they are ignored
 * here because the guardian stops its children in order.
 */
export const openChildChannel = (): Promise<ChildChannel> => {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let ports: PortMap = {};
  let nextId = 1;
  let stopped = false;
  let onStop = (): void => {};
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    onStop();
  };
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', stop);
  process.on('disconnect', stop);
  return new Promise((resolve) => {
    process.on('message', (message: ToChild, handle: unknown) => {
      if (message.type === 'ports') ports = message.ports;
      if (message.type === 'stop') stop();
      if (message.type === 'reply') {
        const asked = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.ok) asked?.resolve(message.body);
        else asked?.reject(new Error(String(message.body)));
      }
      if (message.type !== 'init') return;
      ports = message.ports;
      resolve({
        init: message,
        handle,
        ports: () => ports,
        ready: () => send({ type: 'ready' }),
        failed: (problems) => send({ type: 'failed', problems }),
        ask(question) {
          const id = nextId++;
          return new Promise((answer, reject) => {
            waiting.set(id, { resolve: answer, reject });
            send({ type: 'ask', id, question });
          });
        },
        onStop(callback) {
          onStop = callback;
          if (stopped) callback();
        },
      });
    });
  });
};
