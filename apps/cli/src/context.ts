import type { CommandContext } from '@stricli/core';

/** What every command gets: streams to write to, and where things are. */
export interface CliContext extends CommandContext {
  readonly process: NodeJS.Process;
  /** HOLDFAST_HOME, absolute. */
  readonly home: string;
  /** Folder of the built programs, with a trailing slash. */
  readonly dist: URL;
}
