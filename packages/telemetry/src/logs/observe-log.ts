import { createSampleSeries } from '@holdfast/tuning';
import { openRecorder, type RecordOptions } from '../files/raw-recorder.ts';
import { oneLine } from '../input-error.ts';
import { windowOf, type Observed } from '../observed.ts';
import { createLogParser, type LogFormat } from './log-parser.ts';

export interface ObserveLogOptions extends RecordOptions {
  format?: LogFormat;
  /** The node of samples whose line names none: that of the pod. */
  node?: string;
}

/**
 * Reads samples from the lines of a pod's log, from wherever they come. A source that fails keeps what came before; why
 * it failed stands in `error`.
 */
export const observeLog = async (
  lines: AsyncIterable<string> | Iterable<string>,
  options: ObserveLogOptions = {},
): Promise<Observed> => {
  const { format = 'default', node } = options;
  const parser = createLogParser(format, { node });
  const series = createSampleSeries();
  const recorder = await openRecorder(options);
  let error: string | undefined;
  try {
    for await (const line of lines) {
      await recorder?.line(line);
      const sample = parser.line(line);
      if (sample) series.add(sample);
    }
  } catch (cause) {
    error = oneLine(cause instanceof Error ? cause.message : String(cause));
  }
  return { series, window_s: windowOf(series), error, record: await recorder?.close() };
};
