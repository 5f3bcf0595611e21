import { SLOT } from './field-slots.ts';
import { loadWorkers } from './load-record.ts';
import { KIND, type RowSlots } from './row-slots.ts';

/** Up to this many workers an insertion sort is faster than the call of the library's. */
const SMALL = 24;

/** Greatest and median latency of the workers; NaN without a usable list: one worker, the step itself. */
export const readWorkers = (
  slots: RowSlots,
  row: { workerMax: number; workerMedian: number },
): void => {
  const count = workerCountOf(slots);
  if (count === 0) {
    row.workerMax = Number.NaN;
    row.workerMedian = Number.NaN;
    return;
  }
  sortFirst(slots.workers, count);
  const middle = count >> 1;
  const upper = slots.workers[middle] as number;
  row.workerMax = slots.workers[count - 1] as number;
  row.workerMedian = count % 2 === 1 ? upper : ((slots.workers[middle - 1] as number) + upper) / 2;
};

/** The latencies themselves; empty without a usable list. */
export const workerLatenciesOf = (slots: RowSlots): number[] =>
  Array.from(slots.workers.subarray(0, workerCountOf(slots)));

function workerCountOf(slots: RowSlots): number {
  if (slots.kinds[SLOT.workers] === KIND.text) loadListText(slots);
  return slots.kinds[SLOT.workers] === KIND.list ? slots.workerCount : 0;
}

function loadListText(slots: RowSlots): void {
  let list: unknown;
  try {
    list = JSON.parse(slots.texts[SLOT.workers] as string);
  } catch {
    return;
  }
  if (Array.isArray(list)) loadWorkers(list, slots);
}

function sortFirst(values: Float64Array, count: number): void {
  if (count > SMALL) {
    values.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i += 1) {
    const value = values[i] as number;
    let at = i;
    while (at > 0 && (values[at - 1] as number) > value) {
      values[at] = values[at - 1] as number;
      at -= 1;
    }
    values[at] = value;
  }
}
