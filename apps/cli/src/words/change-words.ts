import { targetKey, type Change } from '@holdfast/contracts';
import { state, table } from '../output.ts';

const stepLines = (change: Change): string[] =>
  (change.plan?.steps ?? []).flatMap((step, index) => {
    const progress = change.steps.find((item) => item.key === step.key);
    const outcome = progress?.outcome ? ` - ${progress.outcome.split('\n').at(-1)}` : '';
    return [
      `  ${index + 1}. ${step.summary}: ${state(progress?.state ?? 'pending')}${outcome}`,
      `     undo: ${step.inverse === null ? 'there is none' : step.inverse_summary}`,
    ];
  });

const gateLine = (change: Change): string[] => {
  if (!change.gate) return [];
  const { allowed, reasons } = change.gate;
  return [
    allowed
      ? '  gate: allowed'
      : `  gate: blocked by ${reasons.map((reason) => `${reason.code} (${reason.detail})`).join(', then ')}`,
  ];
};

/** One change, told from proposal to outcome. */
export const changeWords = (change: Change): string =>
  [
    `${change.id}  ${change.kind} on ${change.target['host'] ?? targetKey(change.target)}: ${state(change.state)}`,
    `  proposed by ${change.proposed_by} at ${change.created_at}`,
    ...(change.risk ? [`  risk ${change.risk}: ${change.risk_reasons.join('; ')}`] : []),
    ...(change.plan
      ? [`  plan ${change.plan.hash.slice(0, 16)}, ${change.plan.steps.length} steps:`]
      : []),
    ...stepLines(change),
    ...(change.verify
      ? [`  dry run: ${change.verify.ok ? 'passed' : 'failed'} at ${change.verify.verified_at}`]
      : []),
    ...gateLine(change),
    ...change.approvals.map(
      (approval) => `  approved by ${approval.principal} at ${approval.approved_at}`,
    ),
    ...change.challenges.map(
      ({ principal, challenged_at, reason }) =>
        `  challenged by ${principal} at ${challenged_at}: ${reason}`,
    ),
    ...(change.active_at ? [`  can be challenged until ${change.active_at}`] : []),
    ...(change.held && !change.finished_at ? ['  on hold: applied when somebody asks for it'] : []),
    ...(change.observation
      ? [`  afterwards: ${change.observation.status} - ${change.observation.detail}`]
      : []),
    ...change.reasons.map((reason) => `  ${reason.code}: ${reason.detail}`),
    ...(change.reverts ? [`  undoes ${change.reverts}`] : []),
    ...(change.reverted_by ? [`  undone by ${change.reverted_by}`] : []),
    ...(change.finished_at ? [`  finished at ${change.finished_at}`] : []),
  ].join('\n');

export const changeTable = (changes: readonly Change[]): string =>
  changes.length === 0
    ? 'no changes yet'
    : table(
        ['ID', 'KIND', 'TARGET', 'STATE', 'RISK', 'STEPS', 'CREATED'],
        changes.map((change) => [
          change.id,
          change.kind,
          change.target['host'] ?? targetKey(change.target),
          state(change.state),
          change.risk ?? '-',
          String(change.plan?.steps.length ?? 0),
          change.created_at,
        ]),
      );
