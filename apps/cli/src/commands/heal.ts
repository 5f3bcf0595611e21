import { ISSUE_TYPES, PLAYBOOK_IDS, SEVERITIES } from '@holdfast/contracts';
import { EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { oneOf } from '../parse-flags.ts';
import { openSession } from '../session.ts';
import { healingWords } from '../words/healing-words.ts';

interface Flags extends JsonFlag {
  readonly issueType?: string;
  readonly severity?: string;
  readonly action?: string;
}

/** Longer than the gateway waits for the guardian, so that its refusal is heard. */
const WAIT_MS = 150_000;

/** Exit 0 when the component was seen to answer afterwards, 1 when not. */
export async function heal(this: CliContext, flags: Flags, component: string): Promise<void> {
  const input = {
    component_name: component,
    issue_type: oneOf('issue-type', flags.issueType, ISSUE_TYPES),
    severity: oneOf('severity', flags.severity, SEVERITIES),
    action: oneOf('action', flags.action, PLAYBOOK_IDS),
  };
  const healing = await openSession(this).healer.heal(input, { timeoutMs: WAIT_MS });
  print(this, flags, healing, () => healingWords(healing));
  this.process.exitCode = healing.success ? EXIT.done : EXIT.failed;
}
