import { bindWrite } from '../bound-write.ts';
import { requireCurrent } from '../migration-plan.ts';
import { bindValues } from '../sql-values.ts';
import { readText } from '../statement-text.ts';
import { StoreError } from '../store-error.ts';
import type { SqlValue, Store, StoreOptions } from '../store.ts';
import { createRedactor, postgresError } from './postgres-failure.ts';
import { createReaders } from './readers.ts';
import type { Readers } from './readers.ts';
import {
  alone,
  appliedMigrations,
  assumeRole,
  enforceDurability,
  ensureSchema,
  migrate,
  schemaName,
  takeWriterLock,
} from './schema.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';
import { raiseEpoch, requireEpoch } from './writer-epoch.ts';
import { createWriter } from './writer.ts';
import type { Writer } from './writer.ts';

interface Opening {
  options: StoreOptions;
  databaseUrl: string;
  schema: string;
  lockTimeoutMs: number;
  shared: boolean;
  notes: string[];
}

/** A session that is set up, or none: a step that fails ends the connection. */
async function prepared(
  opening: Opening,
  setUp: (session: Session) => Promise<void>,
): Promise<Session> {
  const session = await openSession({
    databaseUrl: opening.databaseUrl,
    applicationName: opening.schema,
  });
  try {
    await setUp(session);
    return session;
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  }
}

const useSchema = (session: Session, schema: string) =>
  session.query(`SET search_path = "${schema}"`);

function connectReader(opening: Opening): Promise<Session> {
  return prepared(opening, async (session) => {
    await assumeRole(session, opening.schema);
    await useSchema(session, opening.schema);
    await session.query('SET default_transaction_read_only = on');
  });
}

async function openWriter(opening: Opening, toError: ToError): Promise<Writer> {
  const { options, schema, notes, lockTimeoutMs, shared } = opening;
  let epoch = 0;
  const first = await prepared(opening, async (session) => {
    notes.push(...(await enforceDurability(session)));
    await takeWriterLock(session, schema, lockTimeoutMs, shared);
    await alone(session, schema, lockTimeoutMs, async () => {
      if (!(await ensureSchema(session, schema))) {
        notes.push(`no role of its own for ${schema}: the login's rights are in use`);
      }
      await useSchema(session, schema);
      await migrate(session, options.migrations);
      epoch = await raiseEpoch(session);
    });
  });
  return createWriter(first, {
    toError,
    onReconnect: () => options.log?.warn('reconnected to the database', { schema }),
    connect: () =>
      prepared(opening, async (session) => {
        await enforceDurability(session);
        await takeWriterLock(session, schema, lockTimeoutMs, shared);
        await assumeRole(session, schema);
        await useSchema(session, schema);
        // Who shares remembers nothing that another's write could make wrong.
        if (!shared) await requireEpoch(session, epoch);
      }),
  });
}

async function checkReader(opening: Opening): Promise<void> {
  const session = await connectReader(opening);
  try {
    requireCurrent(opening.options.migrations, await appliedMigrations(session));
  } finally {
    await session.end();
  }
}

type ToError = (error: unknown, doing: string) => StoreError;

function buildStore(
  writer: Writer | undefined,
  readers: Readers,
  { notes, shared }: Opening,
  toError: ToError,
): Store {
  let closing: Promise<void> | undefined;
  const idle = { batches: 0, writes: 0, rejected: 0, queueDepth: 0, lastCommitMs: undefined };

  function bindRead(sql: string, params: readonly SqlValue[] | undefined) {
    if (closing !== undefined) throw new StoreError('STORE_CLOSED', 'the store is closed');
    const text = readText(sql);
    return { sql: text.postgres, params: bindValues(params, text.placeholders) };
  }

  return {
    engine: 'postgres',
    shared,
    async write(statements) {
      if (writer === undefined) throw new StoreError('STORE_SQL', 'write on a read-only store');
      return writer.write(bindWrite(statements));
    },
    async read<T>(sql: string, params?: readonly SqlValue[]) {
      const bound = bindRead(sql, params);
      try {
        return (await readers.read(bound.sql, bound.params)) as T[];
      } catch (error) {
        throw toError(error, 'reading');
      }
    },
    async *scan<T>(sql: string, params?: readonly SqlValue[], pageSize = 1000) {
      const bound = bindRead(sql, params);
      try {
        for await (const page of readers.pages(bound.sql, bound.params, pageSize))
          yield page as T[];
      } catch (error) {
        throw toError(error, 'scanning');
      }
    },
    close() {
      closing ??= (async () => {
        await writer?.close();
        await readers.close();
      })();
      return closing;
    },
    stats: () => ({ engine: 'postgres', ...(writer?.stats() ?? idle), notes }),
  };
}

/** One schema and, where the login may create it, one role per kernel. */
export async function openPostgresStore(
  options: StoreOptions,
  databaseUrl: string,
): Promise<Store> {
  const redact = createRedactor(databaseUrl);
  const toError: ToError = (error, doing) => postgresError(error, doing, redact);
  const schema = schemaName(options.kernel);
  const notes: string[] = [];
  const lockTimeoutMs = options.lockTimeoutMs ?? 5000;
  const shared = options.shared === true;
  const opening = { options, databaseUrl, schema, lockTimeoutMs, shared, notes };
  try {
    const readonly = options.readonly === true;
    const writer = readonly ? undefined : await openWriter(opening, toError);
    if (readonly) await checkReader(opening);
    for (const note of notes) options.log?.warn(note, { schema });
    return buildStore(
      writer,
      createReaders(() => connectReader(opening)),
      opening,
      toError,
    );
  } catch (error) {
    throw toError(error, `opening schema ${schema}`);
  }
}
