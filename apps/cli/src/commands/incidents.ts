import { INCIDENT_STATES } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { oneOf, parseCount } from '../parse-flags.ts';
import { openSession } from '../session.ts';
import { incidentTable } from '../words/healing-words.ts';

interface Flags extends JsonFlag {
  readonly component?: string;
  readonly status?: string;
  readonly limit: string;
}

export async function incidents(this: CliContext, flags: Flags): Promise<void> {
  const answer = await openSession(this).guardian.listIncidents({
    component: flags.component,
    status: oneOf('status', flags.status, INCIDENT_STATES),
    limit: parseCount('limit', flags.limit, 1000),
  });
  print(this, flags, answer, () => incidentTable(answer.incidents));
}
