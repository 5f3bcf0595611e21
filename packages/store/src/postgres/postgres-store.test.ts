import { inspect } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postgresPassword, startPostgres } from '@holdfast/testkit/postgres-server';
import type { PostgresServer } from '@holdfast/testkit/postgres-server';
import { storeConformance } from '../conformance.ts';
import { codeOf, insertNote, names, notesMigration } from '../conformance/harness.ts';
import { openStore } from '../open-store.ts';
import type { Store, StoreOptions } from '../store.ts';

const server = await startPostgres();
const opened: Store[] = [];
let kernels = 0;

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
afterAll(() => server?.stop());

const requireServer = (): PostgresServer => {
  if (server === undefined) throw new Error('no PostgreSQL server on this machine');
  return server;
};

if (server === undefined) console.warn('SKIPPED: every PostgreSQL test, for want of a server');
const suite = server === undefined ? describe.skip : describe;
suite(`postgres${server === undefined ? ' [SKIPPED: no server on this machine]' : ''}`, () => {
  storeConformance('postgres', () => ({ dir: 'unused', databaseUrl: requireServer().url }));
  postgresCases();
});

const setting = (name: string) => ({ sql: `SELECT current_setting('${name}') AS value` });

function postgresCases(): void {
  const url = server?.url ?? '';
  const restart: PostgresServer['restart'] = (how) => requireServer().restart(how);
  async function open(options?: Partial<StoreOptions>): Promise<Store> {
    const kernel = `pg_${++kernels}`;
    const base = { kernel, dir: 'unused', databaseUrl: url, migrations: [notesMigration] };
    const store = await openStore({ ...base, ...options });
    opened.push(store);
    return store;
  }

  async function asAdmin(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const sql of statements) await client.query(sql);
    await client.end();
  }

  beforeAll(() => asAdmin("CREATE ROLE plain LOGIN PASSWORD 'pl41n'"));

  it('commits synchronously although the session was told not to', async () => {
    const databaseUrl = `${url}?options=-c%20synchronous_commit%3Doff`;
    const store = await open({ databaseUrl });
    const { rows } = await store.write([setting('synchronous_commit')]);
    expect(rows[0]).toEqual([{ value: 'on' }]);
  });

  it('works in a schema and a role of the kernel', async () => {
    const store = await open({ kernel: 'roles' });
    const sql = 'SELECT current_user AS who, current_schema() AS place';
    const expected = [{ who: 'holdfast_roles', place: 'holdfast_roles' }];
    expect((await store.write([{ sql }])).rows[0]).toEqual(expected);
    expect(await store.read(sql)).toEqual(expected);
    expect(store.stats().notes).toEqual([]);
  });

  it('goes on with the rights of its login where it may not create a role, and says so', async () => {
    const databaseUrl = url.replace(/\/\/[^@]*@/, '//plain:pl41n@');
    const refused = open({ kernel: 'plain', databaseUrl });
    expect(await codeOf(refused)).toBe('STORE_SQL');
    await asAdmin('CREATE SCHEMA holdfast_plain AUTHORIZATION plain');
    const store = await open({ kernel: 'plain', databaseUrl });
    await store.write([insertNote('a')]);
    expect(await names(store)).toEqual(['a']);
    expect(store.stats().notes).toEqual([expect.stringContaining('no role of its own')]);
  });

  it('keeps the password out of every error', async () => {
    const secret = decodeURIComponent(postgresPassword);
    const urls = [
      url.replace('holdfast:', 'nobody:'),
      url.replace(/:\d+\//, ':1/'),
      url.replace('/postgres', '/missing'),
      url.replace(postgresPassword, `${postgresPassword}x`),
      `postgres://holdfast:${postgresPassword}@[broken`,
    ];
    for (const databaseUrl of urls) {
      const error: unknown = await open({ databaseUrl }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Error);
      const said = inspect(error, { depth: 9, showHidden: true });
      expect(said).not.toContain(secret);
      expect(said).not.toContain(postgresPassword);
    }
  });

  it('takes no writer in while the first is there, and refuses the first when one was', async () => {
    const kernel = 'epochs';
    const first = await open({ kernel });
    await first.write([insertNote('a')]);
    await restart('fast');
    const second = await open({ kernel });
    await second.write([insertNote('b')]);
    await second.close();
    const late = first.write([insertNote('c')]);
    await expect(late).rejects.toThrow('another process has written');
    expect(await codeOf(late)).toBe('STORE_LOCKED');
    expect(await names(first)).toEqual(['a', 'b']);
  });

  it('lets several write one schema when all of them say so, and each guarded write happens once', async () => {
    const kernel = 'sharing';
    const stores = await Promise.all([1, 2, 3].map(() => open({ kernel, shared: true })));
    expect(stores.map((store) => store.shared)).toEqual([true, true, true]);
    await stores[0]!.write([insertNote('a')]);
    const claim = { sql: 'UPDATE notes SET size = 1 WHERE name = ? AND size IS NULL', expect: 1 };
    const claims = stores.map((store) => codeOf(store.write([{ ...claim, params: ['a'] }])));
    expect((await Promise.all(claims)).toSorted()).toEqual([
      'WRITE_CONFLICT',
      'WRITE_CONFLICT',
      'resolved',
    ]);
  });

  it('goes on sharing after the server stopped, though others have written meanwhile', async () => {
    const kernel = 'sharing_on';
    const first = await open({ kernel, shared: true });
    await first.write([insertNote('a')]);
    await restart('fast');
    const second = await open({ kernel, shared: true });
    await second.write([insertNote('b')]);
    await first.write([insertNote('c')]);
    expect(await names(second)).toEqual(['a', 'b', 'c']);
  });

  it('keeps a writer that wants to be alone and those that share apart', async () => {
    const lockTimeoutMs = 100;
    const shared = await open({ kernel: 'apart', shared: true });
    expect(await codeOf(open({ kernel: 'apart', lockTimeoutMs }))).toBe('STORE_LOCKED');
    await shared.close();
    await open({ kernel: 'apart' });
    const late = open({ kernel: 'apart', shared: true, lockTimeoutMs });
    expect(await codeOf(late)).toBe('STORE_LOCKED');
  });

  it('connects again after the server stopped, and stops when it must', async () => {
    const store = await open();
    await store.write([insertNote('a')]);
    expect(await names(store)).toEqual(['a']);
    await restart('fast');
    expect(await names(store)).toEqual(['a']);
    await store.write([insertNote('b')]);
    expect(await names(store)).toEqual(['a', 'b']);
  });

  it('acknowledges nothing that a killed server lost, and names what it cannot know', async () => {
    const store = await open();
    const acknowledged: string[] = [];
    const codes = new Set<string>();
    let running = true;
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      for (let turn = 0; running; turn++) {
        const name = `${caller}.${turn}`;
        const code = await codeOf(store.write([insertNote(name)]));
        if (code === 'resolved') acknowledged.push(name);
        else codes.add(code);
      }
    });
    await restart('kill');
    await store.write([insertNote('after')]);
    running = false;
    await Promise.all(callers);
    const found = new Set(await names(store));
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(found.has('after')).toBe(true);
    expect([...codes].filter((code) => code !== 'STORE_UNKNOWN' && code !== 'STORE_IO')).toEqual(
      [],
    );
    expect(codes.size).toBeGreaterThan(0);
  });
}
