import type { policyApi, OpOutput, PolicyProblem, PolicyRevision } from '@holdfast/contracts';
import { state, table } from '../output.ts';

type Ops = (typeof policyApi)['ops'];
type Dry = OpOutput<Ops['dryRunPolicies']>;

/** Differences that are shown; the document of --json holds more. */
const SHOWN = 20;

const standing = (one: PolicyRevision): string =>
  `revision ${one.revision}, ${one.checksum.slice(0, 12)}, ${one.statements} statements, since ${one.applied_at}`;

export const policiesWords = (policies: OpOutput<Ops['getPolicies']>): string =>
  [
    standing(policies),
    table(
      ['POLICY', 'EFFECT', 'FILE'],
      policies.items.map(({ id, effect, file }) => [id, effect, file]),
    ),
  ].join('\n');

export const policyFilesWords = (files: OpOutput<Ops['getPolicyFiles']>): string =>
  [
    standing(files),
    ...files.sources.map(({ name, text }) => `\n// --- ${name}\n${text.trimEnd()}`),
  ].join('\n');

export const revisionsTable = (revisions: readonly PolicyRevision[]): string =>
  table(
    ['REVISION', 'CHECKSUM', 'STATEMENTS', 'CHANGE', 'APPLIED'],
    revisions.map((one) => [
      String(one.revision),
      one.checksum.slice(0, 12),
      String(one.statements),
      one.change ?? 'shipped defaults',
      one.applied_at,
    ]),
  );

const problemLine = ({ file, policy, severity, detail }: PolicyProblem): string => {
  const where = [file, policy].filter((part) => part !== null && part !== '').join(' ');
  return `  ${severity}: ${where === '' ? '' : `${where}: `}${detail}`;
};

export const validationWords = ({ ok, problems }: OpOutput<Ops['validatePolicies']>): string =>
  [ok ? 'the policies are valid' : 'the policies are not valid', ...problems.map(problemLine)].join(
    '\n',
  );

const differenceLines = ({
  change,
  at,
  after,
  denials,
  determining,
}: Dry['differences'][number]) => [
  `  ${change} at ${at}: ${after ? 'newly allowed' : 'newly denied'}`,
  `    ${after ? `by ${determining.join(', ')}` : denials.join('; ')}`,
];

export const dryRunWords = ({ summary, differences, changed }: Dry): string => {
  const shown = differences.slice(0, SHOWN);
  const more = changed - shown.length;
  return [
    summary,
    ...shown.flatMap(differenceLines),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
};

export const explanationWords = ({
  request,
  verdict,
  statements,
}: OpOutput<Ops['explainPolicy']>): string =>
  [
    `${request.change}: ${state(verdict.allowed ? 'ok' : 'blocked')} by the policies (revision ${verdict.revision})`,
    `  asked: ${request.kind} of ${request.risk} risk by ${request.author.id} (${request.author.kind}, ${request.author.role})`,
    ...verdict.denials.map((denial) => `  denied: ${denial}`),
    ...statements.map(({ file, text }) => `\n// ${file}\n${text}`),
  ].join('\n');
