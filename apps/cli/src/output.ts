import pc from 'picocolors';
import type { CliContext } from './context.ts';

export interface JsonFlag {
  readonly json?: boolean;
}

/** One JSON document on standard output, or the words. */
export const print = (
  context: CliContext,
  flags: JsonFlag,
  value: unknown,
  words: () => string,
): void => {
  context.process.stdout.write(flags.json ? `${JSON.stringify(value)}\n` : `${words()}\n`);
};

/** Says how things go, on standard error, so that standard output stays one document. */
export const note = (context: CliContext, text: string): void => {
  context.process.stderr.write(`${text}\n`);
};

// eslint-disable-next-line no-control-regex
const width = (cell: string): number => cell.replace(/\u001b\[\d+m/g, '').length;

/** Left-aligned columns; the first row is the heading. */
export const table = (heading: readonly string[], rows: readonly (readonly string[])[]): string => {
  const all = [heading.map((cell) => pc.bold(cell)), ...rows];
  const widths = heading.map((_, column) =>
    Math.max(...all.map((row) => width(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - width(cell)))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
};

const GOOD = new Set([
  'healthy',
  'done',
  'in_sync',
  'ok',
  'succeeded',
  'running',
  'complete',
  'healed',
  'resolved',
]);
const BAD = new Set([
  'failed',
  'unhealthy',
  'offline',
  'blocked',
  'drift',
  'rejected',
  'expired',
  'not healed',
]);

/** Colours a state word; plain where there is no colour. */
export const state = (word: string): string =>
  GOOD.has(word) ? pc.green(word) : BAD.has(word) ? pc.red(word) : pc.yellow(word);
