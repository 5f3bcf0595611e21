import { SLOT, SLOT_NAMES } from './field-slots.ts';
import { numberOfText } from './parse-number.ts';
import { clearSlots, KIND, pushWorker, putNumber, putText, type RowSlots } from './row-slots.ts';

/** Fills the slots from an object as `JSON.parse` gives it: the slow path, and the meaning of the fast one. */
export const loadRecord = (record: Readonly<Record<string, unknown>>, slots: RowSlots): void => {
  clearSlots(slots);
  for (let slot = 0; slot < SLOT_NAMES.length; slot += 1) {
    const name = SLOT_NAMES[slot] as string;
    if (!Object.hasOwn(record, name)) continue;
    const value = record[name];
    if (typeof value === 'number') putNumber(slots, slot, value);
    else if (typeof value === 'string') putText(slots, slot, value);
    else if (Array.isArray(value) && slot === SLOT.workers) loadWorkers(value, slots);
    else if (value !== null && value !== undefined) slots.kinds[slot] = KIND.other;
  }
};

/** Latencies of the workers from a list: every element is a finite number or the text of one, or the list is unusable. */
export const loadWorkers = (list: readonly unknown[], slots: RowSlots): void => {
  slots.workerCount = 0;
  slots.kinds[SLOT.workers] = KIND.list;
  for (const element of list) {
    const latency = typeof element === 'string' ? numberOfText(element) : element;
    if (typeof latency === 'number' && Number.isFinite(latency)) pushWorker(slots, latency);
    else {
      slots.workerCount = 0;
      slots.kinds[SLOT.workers] = KIND.other;
      return;
    }
  }
};
