import type { PolicyFile, PolicyProblem } from '@holdfast/contracts';
import type { Cedar } from './load-cedar.ts';
import { parseFiles, sayError } from './parse-files.ts';
import { SCHEMAS } from './schema.ts';
import { problem, type CedarStatement, type StatementRealm } from './statement.ts';

/** What files hold. `ok`: no problem is an error. */
export interface CheckedFiles {
  readonly ok: boolean;
  readonly statements: readonly CedarStatement[];
  readonly problems: readonly PolicyProblem[];
}

const MAX_STATEMENTS = 20_000;

const validate = (
  cedar: Cedar,
  realm: StatementRealm,
  statements: readonly CedarStatement[],
): PolicyProblem[] => {
  const own = statements.filter((one) => one.realm === realm);
  const fileOf = new Map(own.map(({ id, file }) => [id, file]));
  const answer = cedar.validate({
    validationSettings: { mode: 'strict' },
    schema: SCHEMAS[realm],
    policies: { staticPolicies: Object.fromEntries(own.map(({ id, text }) => [id, text])) },
  });
  if (answer.type === 'failure')
    return answer.errors.map((error) => problem('', null, sayError(error)));
  const say =
    (severity: PolicyProblem['severity']) =>
    ({ policyId, error }: (typeof answer.validationErrors)[number]) =>
      problem(fileOf.get(policyId) ?? '', policyId, sayError(error), severity);
  return [
    ...answer.validationErrors.map(say('error')),
    ...answer.validationWarnings.map(say('warning')),
  ];
};

const isOk = (problems: readonly PolicyProblem[]): boolean =>
  problems.every(({ severity }) => severity !== 'error');

/** Parses files and checks them against the schemas. */
export const checkFiles = (cedar: Cedar, files: readonly PolicyFile[]): CheckedFiles => {
  const { statements, problems } = parseFiles(cedar, files);
  if (statements.length > MAX_STATEMENTS)
    problems.push(
      problem('', null, `${statements.length} statements, expected at most ${MAX_STATEMENTS}`),
    );
  if (!isOk(problems)) return { ok: false, statements, problems };
  const all = [
    ...problems,
    ...validate(cedar, 'change', statements),
    ...validate(cedar, 'host', statements),
  ];
  return { ok: isOk(all), statements, problems: all };
};
