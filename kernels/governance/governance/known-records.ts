import type { ChangeRecord } from './change-record.ts';

/** Open changes are looked at many times within moments; those of a while ago are read again. */
const MOST = 256;

/**
 * The changes that were read or written last, as they are in the store: a row carries whole plans, and to parse it is most
 * of what a look costs. Only this process writes them (its store has one writer).
 */
export interface KnownRecords {
  get(id: string): ChangeRecord | undefined;
  /** Takes note of what is durable; an older version than the known one is left out. */
  keep(record: ChangeRecord): void;
  /** Begins a read. What it finds is taken note of unless something was forgotten meanwhile: it may be of before. */
  reading(): (found: ChangeRecord) => void;
  /** A write of it went wrong: what is in the store has to be read. */
  forget(id: string): void;
}

export const createKnownRecords = (): KnownRecords => {
  const records = new Map<string, ChangeRecord>();
  let forgotten = 0;
  const forget = (id: string): void => {
    forgotten += 1;
    records.delete(id);
  };
  const keep = (record: ChangeRecord): void => {
    const { id, version } = record.change;
    const known = records.get(id);
    if (known !== undefined && known.change.version >= version) return;
    records.delete(id);
    records.set(id, record);
    if (records.size <= MOST) return;
    const [oldest] = records.keys();
    forget(oldest!);
  };
  return {
    get: (id) => records.get(id),
    keep,
    reading() {
      const before = forgotten;
      return (found) => {
        if (forgotten === before) keep(found);
      };
    },
    forget,
  };
};
