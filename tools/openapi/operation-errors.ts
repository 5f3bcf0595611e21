import { errorTable, type ErrorCode, type Op } from '@holdfast/contracts';
import type { Json } from './named-schemas.ts';

const hasBody = (op: Op): boolean => op.method === 'POST' || op.method === 'PUT';

/** Every code that an operation may be refused with: its own, and those of the way to it. */
export const errorCodesOf = (op: Op, isOwn: boolean): ErrorCode[] => {
  const codes = new Set<ErrorCode>(['rate_limited', 'internal']);
  if (op.role !== 'anyone') codes.add('unauthenticated').add('forbidden');
  if (!isOwn) codes.add('kernel_unavailable').add('kernel_timeout').add('not_installed');
  if (hasBody(op)) codes.add('malformed_json').add('body_too_large');
  codes.add('invalid_input');
  for (const code of op.errors ?? []) codes.add(code);
  const order = Object.keys(errorTable);
  return [...codes].toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
};

/** One answer for each HTTP status, naming the codes that come with it. */
export const errorAnswers = (codes: readonly ErrorCode[]): Json => {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, list]) => [
        String(status),
        {
          description: list.join(', '),
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
          'x-holdfast-codes': list,
        },
      ]),
  );
};

export const problemSchema = {
  type: 'object',
  description: 'RFC 9457 problem details; details of the error are members of their own',
  required: ['type', 'title', 'status', 'detail', 'code', 'retry'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errorTable) },
    retry: { type: 'string', enum: ['never', 'later'] },
  },
  additionalProperties: true,
} as const;
