import type { IncomingMessage } from 'node:http';
import { HoldfastError, type Op, type RouteMatch } from '@holdfast/contracts';
import { readJsonBody, toJsonObject } from './read-body.ts';

const DEFAULT_BODY_BYTES = 1024 * 1024;

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** `path.to.key: what is wrong` for every problem of an input, in one text. */
export const describeIssues = (issues: readonly Issue[]): string =>
  issues
    .map((issue) =>
      issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`,
    )
    .join('; ');

/** Checks an operation's input against its contract. Throws invalid_input naming every wrong key. */
export const parseInput = (op: Op, raw: unknown): unknown => {
  const result = op.input.safeParse(raw);
  if (result.success) return result.data;
  throw new HoldfastError('invalid_input', { detail: describeIssues(result.error.issues) });
};

const hasBody = ({ method }: Op): boolean => method === 'POST' || method === 'PUT';

/** The input that came as one JSON value. What would be the body of a request is checked as such. */
export const readWholeInput = (op: Op, value: unknown): unknown =>
  parseInput(op, hasBody(op) ? toJsonObject(value) : value);

/** Puts path parameters, query and body together into the one input object; path parameters win. */
export const readInput = async (
  request: IncomingMessage,
  match: RouteMatch,
  query: URLSearchParams,
): Promise<unknown> => {
  const { op } = match.route;
  const rest = hasBody(op)
    ? await readJsonBody(request, op.maxBodyBytes ?? DEFAULT_BODY_BYTES)
    : Object.fromEntries(query);
  return parseInput(op, { ...rest, ...match.params });
};
