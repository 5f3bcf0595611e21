import { FIELD_SLOTS, SLOT } from './field-slots.ts';
import { figureOfText, numberOfText } from './parse-number.ts';
import { KIND, type RowSlots } from './row-slots.ts';

/** The finite number in a slot, also as text; NaN: none. */
export const finiteOf = (slots: RowSlots, slot: number): number => {
  const kind = slots.kinds[slot];
  if (kind === KIND.text) return numberOfText(slots.texts[slot] as string);
  const value = kind === KIND.number ? (slots.numbers[slot] as number) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
};

/** Percent; NaN where no name of the field carries a finite figure. */
export const gpuUtilOf = (slots: RowSlots): number => figureOf(slots, FIELD_SLOTS.gpuUtil);

/** Percent as given, else from used and total memory. */
export const gpuMemUtilOf = (slots: RowSlots): number => {
  const given = figureOf(slots, FIELD_SLOTS.gpuMemUtil);
  if (!Number.isNaN(given)) return given;
  const used = figureOf(slots, FIELD_SLOTS.gpuMemUsed);
  if (Number.isNaN(used)) return used;
  const total = figureOf(slots, FIELD_SLOTS.gpuMemTotal);
  return total > 0 ? (100 * used) / total : Number.NaN;
};

export const nodeOf = (slots: RowSlots): string | undefined => nameOf(slots, FIELD_SLOTS.node);

export const gpuModelOf = (slots: RowSlots): string | undefined =>
  nameOf(slots, FIELD_SLOTS.gpuModel);

/** The training step: a whole number, or the text of one. */
export const stepOf = (slots: RowSlots): number => {
  const step = finiteOf(slots, SLOT.step);
  return Number.isSafeInteger(step) ? step + 0 : Number.NaN;
};

function figureOf(slots: RowSlots, names: readonly number[]): number {
  for (let i = 0; i < names.length; i += 1) {
    const slot = names[i] as number;
    const kind = slots.kinds[slot];
    if (kind === KIND.absent) continue;
    const figure =
      kind === KIND.text ? figureOfText(slots.texts[slot] as string) : finiteOf(slots, slot);
    if (!Number.isNaN(figure)) return figure;
  }
  return Number.NaN;
}

function nameOf(slots: RowSlots, names: readonly number[]): string | undefined {
  for (let i = 0; i < names.length; i += 1) {
    const slot = names[i] as number;
    const kind = slots.kinds[slot];
    if (kind === KIND.number) return String(slots.numbers[slot]);
    if (kind !== KIND.text) continue;
    const name = (slots.texts[slot] as string).trim();
    if (name !== '') return name;
  }
  return undefined;
}
