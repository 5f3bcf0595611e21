export type { EngineSql, Migration } from './migration-plan.ts';
export { openStore, preloadEngine } from './open-store.ts';
export { ackEvents, ackExactly, insertEvent, outboxSql, pendingEvents } from './outbox.ts';
export type { OutboxEvent, PendingEvent } from './outbox.ts';
export type {
  ColumnValue,
  Row,
  SqlValue,
  Statement,
  Store,
  StoreLog,
  StoreOptions,
  StoreStats,
  WriteResult,
} from './store.ts';
export { StoreError, isStoreError, storeErrorRetry } from './store-error.ts';
export type { StoreErrorCode } from './store-error.ts';
