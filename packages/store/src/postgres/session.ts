import type { Client, CustomTypesConfig } from 'pg';
import type { BoundValue } from '../sql-values.ts';
import { StoreError } from '../store-error.ts';
import type { Row } from '../store.ts';
import { columnParsers } from './column-parsers.ts';

export interface QueryResult {
  rows: Row[];
  changes: number;
  /** Command tag without its counts, such as COMMIT or ROLLBACK. */
  command: string;
}

/** One connection; queries are sent without waiting for earlier answers. Rejects with the driver's error. */
export interface Session {
  query(sql: string, params?: readonly BoundValue[]): Promise<QueryResult>;
  /** Sends what `send` queries as few packets as the driver allows. */
  burst<T>(send: () => T): T;
  readonly lost: boolean;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly ended: Promise<void>;
  end(): Promise<void>;
}

const namedLimit = 256;
const connectTimeoutMs = 5000;

export interface SessionOptions {
  databaseUrl: string;
  applicationName: string;
}

/** Loaded here and not at the top: bundlers lift a static import, and then every kernel pays for it. */
async function createClient(options: SessionOptions): Promise<Client> {
  const { default: pg } = await import('pg');
  try {
    return new pg.Client({
      connectionString: options.databaseUrl,
      application_name: options.applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      pipeline: true,
      types: columnParsers as unknown as CustomTypesConfig,
    });
  } catch {
    // The driver's message would quote the URL.
    throw new StoreError('STORE_SQL', 'the database URL cannot be read, expected postgres://...');
  }
}

interface Corkable {
  stream?: { cork?(): void; uncork?(): void };
}

export async function openSession(options: SessionOptions): Promise<Session> {
  const client = await createClient(options);
  const names = new Map<string, string>();
  let lost = false;
  const ended = new Promise<void>((resolve) => {
    client.on('end', () => {
      lost = true;
      resolve();
    });
  });
  client.on('error', () => {
    lost = true;
  });
  await client.connect();
  const { stream } = (client as unknown as { connection: Corkable }).connection;

  /** Repeated texts are prepared once; past the limit they are parsed each time. */
  function nameOf(sql: string): string | undefined {
    const known = names.get(sql);
    if (known !== undefined || names.size >= namedLimit) return known;
    const name = `hf${names.size}`;
    names.set(sql, name);
    return name;
  }

  return {
    async query(sql, params) {
      const result = await client.query<Row>(
        params === undefined
          ? { text: sql }
          : { name: nameOf(sql), text: sql, values: params as unknown[] },
      );
      return { rows: result.rows, changes: result.rowCount ?? 0, command: result.command };
    },
    burst(send) {
      stream?.cork?.();
      try {
        return send();
      } finally {
        stream?.uncork?.();
      }
    },
    get lost() {
      return lost;
    },
    ended,
    end: () => client.end(),
  };
}
