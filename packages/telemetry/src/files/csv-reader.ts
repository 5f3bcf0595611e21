import { FIELD_SLOTS, SLOT_NAMES } from '../rows/field-slots.ts';
import { clearSlots, putNumber, putText } from '../rows/row-slots.ts';
import { createNumberScanner } from './byte-number.ts';
import { createCsvRecord, csvFieldText, splitCsvRecord } from './csv-records.ts';
import type { BlockReader } from './read-blocks.ts';
import type { RowSink } from './row-sink.ts';
import { createTextCache } from './text-cache.ts';

/** Fields whose text is kept as it stands: `007` is a name. */
const NAME_SLOTS = new Set([...FIELD_SLOTS.node, ...FIELD_SLOTS.gpuModel]);
const NO_SLOT = -1;

/**
 * Reads records of CSV into a sink; the first record names the columns, and where it comes again, as in recordings that
 * were added to, it is skipped. A blank line is no record. An empty field is the
 * same as none, columns nobody knows are skipped, and of two columns with one name the later one counts.
 */
export const createCsvReader = (sink: RowSink): BlockReader => {
  const { ingest, slots } = sink;
  const record = createCsvRecord();
  const numbers = createNumberScanner();
  const textOf = createTextCache(SLOT_NAMES.length);
  let columns: number[] | undefined;
  let header = Buffer.alloc(0);

  const readField = (bytes: Buffer, field: number, slot: number): void => {
    const from = record.starts[field] as number;
    const to = record.ends[field] as number;
    if (from === to) return;
    if (record.doubled[field]) putText(slots, slot, csvFieldText(bytes, record, field));
    else {
      const isNumber = !NAME_SLOTS.has(slot) && numbers.read(bytes, from) === to;
      if (isNumber) putNumber(slots, slot, numbers.value[0] as number);
      else putText(slots, slot, textOf(slot, bytes, from, to));
    }
  };

  return (bytes, start, end, isLast) => {
    let at = start;
    while (at < end) {
      const next = splitCsvRecord(bytes, at, end, isLast, record);
      if (next < 0) return at;
      const from = at;
      at = next;
      if (record.count === 1 && record.starts[0] === record.ends[0]) continue;
      if (columns === undefined) {
        columns = Array.from({ length: record.count }, (_, field) =>
          slotNamed(csvFieldText(bytes, record, field)),
        );
        header = Buffer.from(bytes.subarray(from, next));
        continue;
      }
      if (next - from === header.length && header.equals(bytes.subarray(from, next))) continue;
      ingest.rows_read += 1;
      clearSlots(slots);
      for (let field = 0; field < record.count && field < columns.length; field += 1) {
        const slot = columns[field] as number;
        if (slot !== NO_SLOT) readField(bytes, field, slot);
      }
      sink.addRow();
    }
    return at;
  };
};

const slotNamed = (header: string): number => SLOT_NAMES.indexOf(header.trim());
