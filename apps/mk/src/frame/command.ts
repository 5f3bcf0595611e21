import type { FlagTable, FlagValues } from './flag-spec.ts';
import type { ExitCode } from './mk-error.ts';

/** What a command may use of the process that it runs in. */
export interface MkContext {
  readonly env: NodeJS.ProcessEnv;
  /** One line on standard output. */
  print(line: string): void;
  /** One line on standard error. */
  complain(line: string): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

export type CommandRun<T extends FlagTable> = (
  flags: FlagValues<T>,
  context: MkContext,
) => Promise<ExitCode>;

/** A command as data: its words, its flags, and where its code lies, which is read when it is called. */
export interface Command {
  readonly path: string;
  readonly brief: string;
  readonly flags: FlagTable;
  load(): Promise<(flags: never, context: MkContext) => Promise<ExitCode>>;
}

/** Ties the code of a command to the table of its flags. */
export const command = <const T extends FlagTable>(definition: {
  readonly path: string;
  readonly brief: string;
  readonly flags: T;
  load(): Promise<CommandRun<T>>;
}): Command => definition;
