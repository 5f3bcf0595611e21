import type { ChangeRecord } from './change-record.ts';

/** Open changes are looked at many times within moments; those of a while ago are read again. */
const MOST = 256;

/**
 * The changes that were read or written last, as they are in the store: a row carries whole plans, and to parse it is most
 * of what a look costs. Only this process writes them (its store has one writer).
 */
export interface KnownRecords {
  get(id: string): ChangeRecord | undefined;
  /** Takes note of what was read or is durable; an older version than the known one is left out. */
  keep(record: ChangeRecord): void;
  /** A write of it went wrong: what is in the store has to be read. */
  forget(id: string): void;
}

export const createKnownRecords = (): KnownRecords => {
  const records = new Map<string, ChangeRecord>();
  return {
    get: (id) => records.get(id),
    keep(record) {
      const { id, version } = record.change;
      const known = records.get(id);
      if (known !== undefined && known.change.version >= version) return;
      records.delete(id);
      records.set(id, record);
      if (records.size <= MOST) return;
      const [oldest] = records.keys();
      records.delete(oldest!);
    },
    forget: (id) => void records.delete(id),
  };
};
