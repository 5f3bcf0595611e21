import { extname } from 'node:path';
import { InputError } from '../input-error.ts';
import { windowOf, type Observed } from '../observed.ts';
import { createCsvReader } from './csv-reader.ts';
import { createJsonLinesReader } from './jsonl-reader.ts';
import { openRecorder, type RecordOptions } from './raw-recorder.ts';
import { readBlocks, type BlockReader } from './read-blocks.ts';
import { createRowSink, type RowSink } from './row-sink.ts';

const READERS: Readonly<Record<string, (sink: RowSink) => BlockReader>> = {
  '.jsonl': createJsonLinesReader,
  '.csv': createCsvReader,
};

/**
 * Reads samples from a `.jsonl` or `.csv` file, in one pass with a buffer of fixed size; only the samples' columns are
 * kept. This is also how a recording is replayed. Throws `file_type_unknown`, `file_unreadable` and `line_too_long`.
 */
export const observeFile = async (path: string, options: RecordOptions = {}): Promise<Observed> => {
  const createReader = READERS[extname(path).toLowerCase()];
  if (createReader === undefined)
    throw new InputError(
      'file_type_unknown',
      `cannot read '${path}': expected a .jsonl or .csv file`,
    );
  const sink = createRowSink();
  const recorder = await openRecorder(options, path);
  try {
    await readBlocks(path, createReader(sink), recorder?.write);
  } finally {
    await recorder?.close();
  }
  return {
    series: sink.series,
    window_s: windowOf(sink.series),
    ingest: sink.ingest,
    record: await recorder?.close(),
  };
};
