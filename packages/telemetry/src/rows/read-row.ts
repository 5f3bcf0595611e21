import { SLOT } from './field-slots.ts';
import {
  finiteOf,
  gpuMemUtilOf,
  gpuModelOf,
  gpuUtilOf,
  nodeOf,
  stepOf,
} from './optional-fields.ts';
import { isNonFiniteText, numberOfText } from './parse-number.ts';
import { timestampOfNumber, timestampOfText } from './parse-timestamp.ts';
import { KIND, type RowSlots } from './row-slots.ts';
import { readWorkers } from './worker-latencies.ts';

/** A row with its meaning; NaN: none, as `SampleSeries.addRow` takes it. Reused from row to row. */
export interface Row {
  timestampMs: number;
  latencyMs: number;
  loss: number;
  workerMax: number;
  workerMedian: number;
  gpuUtilPct: number;
  gpuMemUtilPct: number;
  step: number;
  node: string | undefined;
  gpuModel: string | undefined;
}

export const createRow = (): Row => ({
  timestampMs: Number.NaN,
  latencyMs: Number.NaN,
  loss: Number.NaN,
  workerMax: Number.NaN,
  workerMedian: Number.NaN,
  gpuUtilPct: Number.NaN,
  gpuMemUtilPct: Number.NaN,
  step: Number.NaN,
  node: undefined,
  gpuModel: undefined,
});

/**
 * Reads the slots into `row`. False when a required field is missing or no usable number: the time, the latency (finite,
 * not negative), or a loss that is there and no number. A loss that is not finite counts as none.
 */
export const readRow = (slots: RowSlots, row: Row): boolean => {
  row.timestampMs = timestampOf(slots);
  row.latencyMs = finiteOf(slots, SLOT.latency);
  if (!(Number.isFinite(row.timestampMs) && row.latencyMs >= 0)) return false;
  if (!isLossUsable(slots)) return false;
  row.loss = finiteOf(slots, SLOT.loss);
  readWorkers(slots, row);
  row.gpuUtilPct = gpuUtilOf(slots);
  row.gpuMemUtilPct = gpuMemUtilOf(slots);
  row.step = stepOf(slots);
  row.node = nodeOf(slots);
  row.gpuModel = gpuModelOf(slots);
  return true;
};

function timestampOf(slots: RowSlots): number {
  const kind = slots.kinds[SLOT.ts];
  if (kind === KIND.number) return timestampOfNumber(slots.numbers[SLOT.ts] as number);
  return kind === KIND.text ? timestampOfText(slots.texts[SLOT.ts] as string) : Number.NaN;
}

function isLossUsable(slots: RowSlots): boolean {
  const kind = slots.kinds[SLOT.loss];
  if (kind === KIND.number || kind === KIND.absent) return true;
  if (kind !== KIND.text) return false;
  const text = slots.texts[SLOT.loss] as string;
  return text.trim() === '' || isNonFiniteText(text) || !Number.isNaN(numberOfText(text));
}
