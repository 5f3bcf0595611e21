import {
  buildCommand,
  type Command,
  type CommandFunction,
  type TypedCommandParameters,
} from '@stricli/core';
import type { CliContext } from './context.ts';
import type { JsonFlag } from './output.ts';

const jsonFlag = {
  kind: 'boolean',
  brief: 'Print one JSON document',
  optional: true,
  withNegated: false,
} as const;

type AnyCommand = (this: CliContext, ...args: unknown[]) => Promise<void>;

/** Turns a failure into words and an exit status. The error table is loaded only when there is one to explain. */
const guarded = (func: unknown): AnyCommand =>
  async function (this: CliContext, ...args: unknown[]) {
    try {
      await (func as AnyCommand).apply(this, args);
    } catch (error) {
      const { explainError, errorText } = await import('./explain-error.ts');
      const { exit, code, message, next } = explainError(error);
      const wantsJson = (args[0] as JsonFlag | undefined)?.json === true;
      if (wantsJson)
        this.process.stdout.write(`${JSON.stringify({ error: { code, message, next } })}\n`);
      this.process.stderr.write(`${errorText(error)}\n`);
      this.process.exitCode = exit;
    }
  };

/** A command as data. Its code is loaded when it is called, so that `--help` starts fast. */
export const command = (definition: {
  readonly brief: string;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly positional?: unknown;
  load(): Promise<unknown>;
}): Command<CliContext> =>
  buildCommand({
    docs: { brief: definition.brief },
    parameters: {
      flags: { ...definition.flags, json: jsonFlag },
      ...(definition.positional === undefined ? {} : { positional: definition.positional }),
    } as TypedCommandParameters<never, never, CliContext>,
    loader: async () =>
      guarded(await definition.load()) as CommandFunction<never, never, CliContext>,
  }) as Command<CliContext>;

const text = (value: string): string => value;

export const stringFlag = (brief: string, placeholder: string, extra: object = {}) =>
  ({ kind: 'parsed', parse: text, brief, placeholder, ...extra }) as const;

export const hostFlag = stringFlag('Host id or alias', 'HOST', { default: 'local' });

export const onePositional = (brief: string, placeholder: string) =>
  ({ kind: 'tuple', parameters: [{ brief, placeholder, parse: text }] }) as const;

export const twoPositional = (
  first: readonly [brief: string, placeholder: string],
  second: readonly [brief: string, placeholder: string],
) =>
  ({
    kind: 'tuple',
    parameters: [first, second].map(([brief, placeholder]) => ({
      brief,
      placeholder,
      parse: text,
    })),
  }) as const;

/** One or more words. */
export const manyPositional = (brief: string, placeholder: string) =>
  ({ kind: 'array', minimum: 1, parameter: { brief, placeholder, parse: text } }) as const;

export const optionalPositional = (brief: string, placeholder: string) =>
  ({
    kind: 'tuple',
    parameters: [{ brief, placeholder, parse: text, optional: true }],
  }) as const;

export const booleanFlag = (brief: string) =>
  ({ kind: 'boolean', brief, optional: true, withNegated: false }) as const;
