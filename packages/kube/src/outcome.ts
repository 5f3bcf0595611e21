import type { ListOutcome, ObjectOutcome, Outcome } from './cluster.ts';
import type { KubeObject } from './workload.ts';

export const RC = { failed: 1, timedOut: 124, notExecutable: 126, notFound: 127 } as const;

export const success = (stdout: string): Outcome => ({ ok: true, rc: 0, stdout, stderr: '' });

export const failure = (stderr: string, rc: number = RC.failed, reason?: string): Outcome => ({
  ok: false,
  rc,
  stdout: '',
  stderr,
  ...(reason === undefined ? {} : { reason }),
});

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

export const asObject = (value: unknown): KubeObject | undefined =>
  isRecord(value) && isRecord(value.metadata) ? (value as unknown as KubeObject) : undefined;

/** The outcome with the object that its text is, where it is one. */
export const withObject = (outcome: Outcome): ObjectOutcome => {
  const object = outcome.ok ? asObject(parseJson(outcome.stdout)) : undefined;
  return object === undefined ? outcome : { ...outcome, object };
};

/** The outcome with the objects of the list that its text is; what is no object among them is left out. */
export const withItems = (outcome: Outcome): ListOutcome => {
  const list = outcome.ok ? parseJson(outcome.stdout) : undefined;
  if (!isRecord(list) || !Array.isArray(list.items)) return outcome;
  return {
    ...outcome,
    items: list.items.map(asObject).filter((item): item is KubeObject => item !== undefined),
  };
};

/** What kubectl prints before the server's message: `Error from server (NotFound): ...`. */
const SERVER_REASON = /^Error from server \((\w+)\):/m;

export const serverReason = (stderr: string): string | undefined => SERVER_REASON.exec(stderr)?.[1];

/** Several refused connections at once come as one error without a text, but with a code. */
export const messageOf = (error: unknown): string =>
  error instanceof Error
    ? error.message || (error as NodeJS.ErrnoException).code || error.name
    : String(error);
