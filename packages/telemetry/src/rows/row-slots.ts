import { SLOT_NAMES } from './field-slots.ts';

/** What stands in a slot. `absent` is also JSON's null; `other` is a value of a kind that no field can use. */
export const KIND = { absent: 0, number: 1, text: 2, list: 3, other: 4 } as const;

/**
 * The known fields of one row, unread: filled by a byte scanner or from a parsed object, then read by `readRow`. One
 * instance serves a whole file, so that a row costs no allocation.
 */
export interface RowSlots {
  readonly kinds: Uint8Array;
  readonly numbers: Float64Array;
  readonly texts: string[];
  /** Latencies of the workers: the first `workerCount` are set. */
  workers: Float64Array;
  workerCount: number;
}

export const createRowSlots = (): RowSlots => ({
  kinds: new Uint8Array(SLOT_NAMES.length),
  numbers: new Float64Array(SLOT_NAMES.length),
  texts: SLOT_NAMES.map(() => ''),
  workers: new Float64Array(16),
  workerCount: 0,
});

export const clearSlots = (slots: RowSlots): void => {
  const { kinds } = slots;
  for (let slot = 0; slot < kinds.length; slot += 1) kinds[slot] = KIND.absent;
  slots.workerCount = 0;
};

export const putNumber = (slots: RowSlots, slot: number, value: number): void => {
  slots.kinds[slot] = KIND.number;
  slots.numbers[slot] = value;
};

export const putText = (slots: RowSlots, slot: number, text: string): void => {
  slots.kinds[slot] = KIND.text;
  slots.texts[slot] = text;
};

export const pushWorker = (slots: RowSlots, latency: number): void => {
  if (slots.workerCount === slots.workers.length) {
    const grown = new Float64Array(slots.workers.length * 2);
    grown.set(slots.workers);
    slots.workers = grown;
  }
  slots.workers[slots.workerCount] = latency;
  slots.workerCount += 1;
};
