import { defineApi, kernelPrincipal, op } from '@holdfast/contracts';
import { createWorld } from '@holdfast/testkit';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { internalHeaders } from '../http/internal-auth.ts';
import { createLogger } from '../log/logger.ts';
import { defineKernel } from './define-kernel.ts';
import { createKernelServer } from './kernel-server.ts';

const SECRET = 'secret-of-this-start';
/** SQLite takes a limit back only by a smaller one: this file runs in a process to itself. */
const STARVE = 'PRAGMA hard_heap_limit = 800000';
const ROW = { few: 1, many: 800 };

const api = defineApi({
  kernel: 'librarian_kernel',
  ops: {
    search: op({
      method: 'GET',
      path: '/search',
      role: 'viewer',
      risk: 'read',
      summary: 'reads rows of 4 kB',
      input: z.object({ rows: z.coerce.number() }),
      output: z.object({ size: z.number() }),
    }),
  },
});

const kernel = defineKernel({
  id: 'librarian_kernel',
  api,
  config: { schema: z.object({}), fromProfile: () => ({}) },
  needs: {},
  subscribes: [],
  migrations: [{ version: 100, name: 'starve', sql: [STARVE] }],
  init: async ({ store }) => ({
    handlers: {
      async search({ rows }) {
        const [found] = await store.read<{ size: number }>(
          `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
             SELECT length(group_concat(hex(randomblob(2000)))) AS size FROM n`,
          [rows],
        );
        return found!;
      },
    },
  }),
});

test('a kernel that got no memory says 503 with retry, and is ill from then on', async () => {
  const world = await createWorld({ kernels: [kernel] });
  const log = createLogger('t', 'fatal');
  const server = createKernelServer(world.host('librarian_kernel'), SECRET, log);
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address() as { port: number };
    const headers = internalHeaders(SECRET, kernelPrincipal('governance'));
    const ask = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${address.port}${path}`, { headers });
      return { status: answer.status, body: (await answer.json()) as unknown };
    };
    expect(await ask(`/search?rows=${ROW.few}`)).toEqual({ status: 200, body: { size: 4000 } });
    expect(await ask('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });

    const starved = { code: 'store_unavailable', retry: 'later' };
    expect(await ask(`/search?rows=${ROW.many}`)).toMatchObject({ status: 503, body: starved });
    expect(await ask(`/search?rows=${ROW.few}`)).toMatchObject({ status: 200 });
    const checks = expect.arrayContaining([expect.objectContaining({ name: 'store', ok: false })]);
    expect(await ask('/health')).toMatchObject({ status: 503, body: { checks } });
  } finally {
    server.closeAllConnections();
    server.close();
    await world.close();
  }
});
