import { KernelConnection, KernelDown, type ConnectionOwner } from './kernel-connection.ts';

/** Connections to one port. The one that was used last comes first, so few stay warm and the others time out. */
export interface KernelConnections {
  readonly port: number;
  /** An idle connection or a new one; `fresh` asks for a new one. */
  acquire(fresh?: boolean): KernelConnection;
  /** Closes what is idle now; until a time (monotonic ms) each connection carries one more request at most. */
  letGo(until: number): void;
  /** Fails requests of whose answer nothing came yet. */
  failWaiting(): void;
  /** Closes what is idle now, and what is busy when its answer is complete. */
  close(): void;
}

const MAX_IDLE = 128;
/** Below the 30 s after which a kernel closes, so that the kernel does not close under a request. */
const IDLE_MS = 20_000;

/** `sweepMs` is how late a time limit may be noticed. */
export const createKernelConnections = (port: number, sweepMs: number): KernelConnections => {
  const all = new Set<KernelConnection>();
  let idle: KernelConnection[] = [];
  let closed = false;
  let singleUntil = 0;
  const lastUse = new WeakSet<KernelConnection>();

  const closeIdle = (why: string): void => {
    for (const connection of idle.slice()) connection.destroy(new Error(why));
  };
  const owner: ConnectionOwner = {
    free(connection) {
      const now = performance.now();
      const single = now < singleUntil || lastUse.has(connection);
      if (closed || single || idle.length >= MAX_IDLE)
        return connection.destroy(new Error('not needed'));
      connection.deadline = now + IDLE_MS;
      idle.push(connection);
    },
    gone(connection) {
      all.delete(connection);
      if (!connection.busy) idle = idle.filter((other) => other !== connection);
      if (closed && all.size === 0) clearInterval(sweeper);
    },
  };
  const sweep = (): void => {
    const now = performance.now();
    for (const connection of all) if (connection.deadline <= now) connection.expire();
  };
  const sweeper = setInterval(sweep, sweepMs);
  sweeper.unref();

  return {
    port,
    acquire(fresh = false) {
      const warm = fresh ? undefined : idle.pop();
      if (warm !== undefined) return warm;
      const connection = new KernelConnection(port, owner);
      all.add(connection);
      return connection;
    },
    letGo(until) {
      singleUntil = until;
      closeIdle('its process is replaced');
      for (const connection of all) lastUse.add(connection);
    },
    failWaiting() {
      for (const connection of all)
        if (connection.waiting) connection.destroy(new KernelDown('the kernel is down'));
    },
    close() {
      closed = true;
      closeIdle('the kernel moved');
      if (all.size === 0) clearInterval(sweeper);
    },
  };
};
