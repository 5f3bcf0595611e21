import { errorTable, type ErrorRow } from '@holdfast/contracts';

const row = ([code, { status, retry, text }]: [string, ErrorRow]): string =>
  `| \`${code}\` | ${status} | ${retry} | ${text.replaceAll('|', '\\|')} |`;

/** The error table as a page: every code that Holdfast can refuse with, in the table's order. */
export const errorListText = (): string =>
  [
    '# Error codes',
    '',
    'Generated from `errorTable` in `packages/contracts/src/errors`; do not edit. Every refusal is an RFC 9457 problem',
    'with one of these codes. `retry` says whether the same request may succeed later unchanged.',
    '',
    '| code | status | retry | text |',
    '|---|---|---|---|',
    ...Object.entries(errorTable).map(row),
    '',
  ].join('\n');
