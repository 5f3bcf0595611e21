import type { IssueType, KernelId, PlaybookId, PlaybookResult } from '@holdfast/contracts';
import type { Components } from '../components.ts';

export interface PlaybookContext {
  readonly components: Components;
  /** HOLDFAST_HOME: its disk is looked at. */
  readonly home: string;
  /** What every port of the table is moved by. */
  readonly portOffset: number;
}

export type PlaybookOutcome = Omit<PlaybookResult, 'playbook' | 'duration_ms'>;

/** One way to look at a kernel or to repair it. `run` may reject: then it failed with that reason. */
export interface Playbook {
  readonly id: PlaybookId;
  readonly name: string;
  readonly description: string;
  /** Whether its success can end a healing. Looking is no remedy. */
  readonly remedy: boolean;
  run(context: PlaybookContext, id: KernelId, issue: IssueType): Promise<PlaybookOutcome>;
}
