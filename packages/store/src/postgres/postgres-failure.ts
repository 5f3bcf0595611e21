import { StoreError, isStoreError } from '../store-error.ts';
import type { StoreErrorCode } from '../store-error.ts';

/** SQLSTATE classes and codes, postgresql.org/docs/current/errcodes-appendix.html. */
const byClass: Record<string, StoreErrorCode> = {
  '08': 'STORE_IO',
  '22': 'STORE_CONSTRAINT',
  '23': 'STORE_CONSTRAINT',
  '28': 'STORE_IO',
  '40': 'STORE_IO',
  '53': 'STORE_IO',
  '54': 'STORE_VALUE',
  '57': 'STORE_IO',
  '58': 'STORE_IO',
  XX: 'STORE_CORRUPT',
};

function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Server shutdown, crash recovery, connection exceptions, and everything without an SQLSTATE. */
export function isConnectionLoss(error: unknown): boolean {
  if (isStoreError(error)) return false;
  const state = sqlState(error);
  return state === undefined || state.startsWith('08') || state.startsWith('57P');
}

/** Keeps the password out of whatever the driver or the server says. */
export function createRedactor(databaseUrl: string): (text: string) => string {
  const secrets = new Set<string>();
  const password = /^[^:]+:\/\/[^:/?#]*:([^@]*)@/.exec(databaseUrl)?.[1];
  const query = /[?&](?:password|sslpassword)=([^&]*)/i.exec(databaseUrl)?.[1];
  for (const secret of [password, query]) {
    if (secret === undefined || secret === '') continue;
    secrets.add(secret);
    try {
      secrets.add(decodeURIComponent(secret));
    } catch {
      // Not percent-encoded text; the raw form is in the set.
    }
  }
  return (text) => [...secrets].reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/** The refusal a caller sees. The driver's own error is not its cause: it may carry the URL. */
export function postgresError(
  error: unknown,
  doing: string,
  redact: (text: string) => string,
): StoreError {
  if (isStoreError(error)) return error;
  const state = sqlState(error);
  const found = state === undefined ? 'STORE_IO' : byClass[state.slice(0, 2)];
  const code = state === '55P03' ? 'STORE_LOCKED' : (found ?? 'STORE_SQL');
  const text = error instanceof Error ? error.message : String(error);
  const detail = text === '' ? ((error as { code?: string }).code ?? 'connection failed') : text;
  return new StoreError(
    code,
    `${doing}: ${redact(detail)}${state === undefined ? '' : ` (${state})`}`,
  );
}
