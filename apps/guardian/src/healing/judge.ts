import {
  ISSUE_PLAYBOOKS,
  type IssueType,
  type KernelId,
  type PlaybookId,
  type Severity,
} from '@holdfast/contracts';
import type { Components } from './components.ts';

export interface Judgement {
  readonly issue_type: IssueType;
  readonly playbooks: PlaybookId[];
  readonly reason: string;
}

const MANY_FAILURES = 3;
const VERY_MANY_FAILURES = 5;

/** What the healer would do for a kernel now, the most fitting first; empty when there is nothing to do. */
export const judge = (components: Components, id: KernelId): Judgement[] => {
  const { status, failures, reason } = components.state(id);
  const found: Judgement[] = [];
  const add = (issue_type: IssueType, why: string): void => {
    found.push({ issue_type, playbooks: [...ISSUE_PLAYBOOKS[issue_type]], reason: why });
  };
  if (['not_installed', 'not_started', 'stopping', 'stopped'].includes(status)) return found;
  if (components.portOf(id) !== undefined && !components.holdsPort(id)) {
    add('port_conflict', `port ${components.portOf(id)} is held by somebody else`);
  }
  if (status === 'failed' || status === 'restarting') add('process_crashed', reason || status);
  if (failures > MANY_FAILURES) add('connection_timeout', `${failures} failures in a row`);
  if (status === 'unhealthy') add('port_not_listening', reason || status);
  return found;
};

export const severityByFailures = (failures: number): Severity =>
  failures > VERY_MANY_FAILURES ? 'high' : 'medium';
