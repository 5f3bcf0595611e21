import type { PolicyFile, PolicyProblem } from '@holdfast/contracts';
import { CedarLost, type Cedar } from './load-cedar.ts';
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
const STATEMENTS_A_PIECE = 100;

const validatePiece = (
  cedar: Cedar,
  realm: StatementRealm,
  own: readonly CedarStatement[],
): PolicyProblem[] => {
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

/** Statement by statement, so that it can be done in pieces. Other work has its turn. */
const validate = async (
  cedar: Cedar,
  realm: StatementRealm,
  statements: readonly CedarStatement[],
): Promise<PolicyProblem[]> => {
  const own = statements.filter((one) => one.realm === realm);
  const found: PolicyProblem[] = [];
  for (let at = 0; at < own.length; at += STATEMENTS_A_PIECE) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    found.push(...validatePiece(cedar, realm, own.slice(at, at + STATEMENTS_A_PIECE)));
  }
  return found;
};

const isOk = (problems: readonly PolicyProblem[]): boolean =>
  problems.every(({ severity }) => severity !== 'error');

const checkAll = async (cedar: Cedar, files: readonly PolicyFile[]): Promise<CheckedFiles> => {
  const { statements, problems } = await parseFiles(cedar, files);
  if (statements.length > MAX_STATEMENTS)
    problems.push(
      problem('', null, `${statements.length} statements, expected at most ${MAX_STATEMENTS}`),
    );
  if (!isOk(problems)) return { ok: false, statements, problems };
  const all = [
    ...problems,
    ...(await validate(cedar, 'change', statements)),
    ...(await validate(cedar, 'host', statements)),
  ];
  return { ok: isOk(all), statements, problems: all };
};

/** Parses files and checks them against the schemas. What brings the parser down is no policy. */
export const checkFiles = async (
  cedar: Cedar,
  files: readonly PolicyFile[],
): Promise<CheckedFiles> => {
  try {
    return await checkAll(cedar, files);
  } catch (error) {
    if (!(error instanceof CedarLost)) throw error;
    const problems = [problem('', null, 'the parser cannot read these policies')];
    return { ok: false, statements: [], problems };
  }
};
