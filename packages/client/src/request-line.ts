import type { Op } from '@holdfast/contracts';

export interface RequestLine {
  readonly path: string;
  readonly body?: string;
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null;

/** Spreads an operation's input over path, query (GET, DELETE) and JSON body (POST, PUT). */
export const requestLine = (op: Op, input: unknown): RequestLine => {
  const rest: Record<string, unknown> = { ...(input as Record<string, unknown>) };
  const path = op.path.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = String(rest[key]);
    delete rest[key];
    return encodeURIComponent(value);
  });
  if (op.method === 'POST' || op.method === 'PUT') return { path, body: JSON.stringify(rest) };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(rest))
    if (!isEmpty(value)) query.set(key, String(value));
  const text = query.toString();
  return { path: text === '' ? path : `${path}?${text}` };
};
