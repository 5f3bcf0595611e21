import { randomInt } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Below the range from which systems take ports for outgoing connections. */
const FIRST = 2_000;
const STEP = 200;
const PLACES = 110;
const STALE_MS = 10 * 60_000;

export const isPortOpen = (port: number): Promise<boolean> => {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
};

const lock = async (path: string): Promise<boolean> => {
  try {
    await mkdir(path);
    return true;
  } catch {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > STALE_MS)
      await rm(path, { recursive: true, force: true });
    return false;
  }
};

/** A port offset at which none of the ports is taken, and that no other test has until it is released. */
export const claimOffset = async (
  ports: readonly number[],
): Promise<{ readonly offset: number; release(): Promise<void> }> => {
  for (;;) {
    const offset = FIRST + randomInt(PLACES) * STEP;
    const path = join(tmpdir(), `holdfast-offset-${offset}`);
    if (!(await lock(path))) continue;
    const release = (): Promise<void> => rm(path, { recursive: true, force: true });
    const open = await Promise.all(ports.map((port) => isPortOpen(port + offset)));
    if (!open.includes(true)) return { offset, release };
    await release();
  }
};
