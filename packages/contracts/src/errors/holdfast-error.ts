import { changeErrors } from './change-errors.ts';
import { configErrors } from './config-errors.ts';
import type { ErrorRow } from './define-errors.ts';
import { gateErrors } from './gate-errors.ts';
import { healingErrors } from './healing-errors.ts';
import { identityErrors } from './identity-errors.ts';
import { infrastructureErrors } from './infrastructure-errors.ts';
import { librarianErrors } from './librarian-errors.ts';
import { logErrors } from './log-errors.ts';
import { policyErrors } from './policy-errors.ts';
import { requestErrors } from './request-errors.ts';
import { startErrors } from './start-errors.ts';
import { workloadErrors } from './workload-errors.ts';

/** Every code that Holdfast can refuse with. A test checks that each is used and each use is here. */
export const errorTable = {
  ...requestErrors,
  ...gateErrors,
  ...changeErrors,
  ...configErrors,
  ...identityErrors,
  ...policyErrors,
  ...infrastructureErrors,
  ...logErrors,
  ...healingErrors,
  ...librarianErrors,
  ...workloadErrors,
  ...startErrors,
} as const;

export type ErrorCode = keyof typeof errorTable;
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** RFC 9457 problem details, with the stable `code` of the error table. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly retry: 'never' | 'later';
  readonly [extension: string]: unknown;
}

const fill = (text: string, details: ErrorDetails): string =>
  text.replace(/\{(\w+)\}/g, (_, key: string) => String(details[key] ?? key));

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(errorTable, value);

/** The one error class. Compare by `code`; details never hold secrets because they reach users. */
export class HoldfastError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(errorTable[code].text, details), options);
    this.name = 'HoldfastError';
    this.code = code;
    this.details = details;
  }

  get row(): ErrorRow {
    return errorTable[this.code];
  }

  toProblem(): Problem {
    const { status, retry } = this.row;
    const title = this.code.replaceAll('_', ' ');
    return {
      ...this.details,
      type: `urn:holdfast:error:${this.code}`,
      title,
      status,
      detail: this.message,
      code: this.code,
      retry,
    };
  }

  /** Rebuilds the error on the calling side of a transport. */
  static fromProblem(problem: Partial<Problem>): HoldfastError {
    const { type: _t, title: _i, status: _s, detail, code, retry: _r, ...details } = problem;
    const error = new HoldfastError(isErrorCode(code) ? code : 'internal', details);
    if (typeof detail === 'string') error.message = detail;
    return error;
  }
}

export const isHoldfastError = (value: unknown, code?: ErrorCode): value is HoldfastError =>
  value instanceof HoldfastError && (code === undefined || value.code === code);
