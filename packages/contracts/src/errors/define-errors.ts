/**
 * One row of an error table. `status` is the HTTP status, `retry` says whether the same request may succeed later
 * unchanged, `text` is the human sentence; `{name}` placeholders are filled from the error's details.
 */
export interface ErrorRow {
  readonly status: number;
  readonly retry: 'never' | 'later';
  readonly text: string;
}

export const defineErrors = <const T extends Readonly<Record<string, ErrorRow>>>(rows: T): T =>
  rows;
