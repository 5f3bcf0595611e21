import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyFile, PolicyProblem } from '@holdfast/contracts';
import type { Cedar } from './load-cedar.ts';
import { createTurns } from '../turns.ts';
import { REPORT_ACTION } from './schema.ts';
import { problem, uidText, type CedarStatement, type StatementRealm } from './statement.ts';
import { textExcess } from './text-limits.ts';

export interface ParsedFiles {
  readonly statements: readonly CedarStatement[];
  readonly problems: PolicyProblem[];
}

/** Parsing a statement takes as long as evaluating so many. */
const STATEMENT_WORK = 20;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

const lineOf = (text: string, offset: number): number => {
  const before = Buffer.from(text, 'utf8').subarray(0, offset).toString('utf8');
  return before.split('\n').length;
};

/** What the parser said, with the line: it counts bytes. */
export const sayError = (error: DetailedError, text?: string): string => {
  const start = error.sourceLocations?.[0]?.start;
  const where = text === undefined || start === undefined ? '' : `line ${lineOf(text, start)}: `;
  const help = error.help === null ? '' : ` (${error.help})`;
  return `${where}${error.message}${help}`.slice(0, 1000);
};

/** Parts come in the order of the parser's own ids as texts: policy0, policy1, policy10, ... */
const inSourceOrder = (parts: readonly string[]): string[] => {
  const places = parts
    .map((_, index) => index)
    .toSorted((a, b) => (`policy${a}` < `policy${b}` ? -1 : 1));
  const ordered: string[] = [];
  for (const [at, place] of places.entries()) ordered[place] = parts[at]!;
  return ordered;
};

const REPORT = `Action::${REPORT_ACTION}`;

const realmOf = ({ action }: CedarStatement['json']): StatementRealm =>
  action.op === '==' && 'entity' in action && uidText(action.entity) === REPORT ? 'host' : 'change';

const parseFile = async (
  cedar: Cedar,
  { name, text }: PolicyFile,
  turn: (statements: number) => Promise<void>,
): Promise<ParsedFiles> => {
  const excess = textExcess(text);
  if (excess !== undefined) return { statements: [], problems: [problem(name, null, excess)] };
  const answer = cedar.policySetTextToParts(text);
  if (answer.type === 'failure')
    return {
      statements: [],
      problems: answer.errors.map((error) => problem(name, null, sayError(error, text))),
    };
  const problems: PolicyProblem[] = [];
  if (answer.policy_templates.length > 0)
    problems.push(problem(name, null, 'templates (?principal, ?resource) are not used here'));
  const statements: CedarStatement[] = [];
  for (const [index, part] of inSourceOrder(answer.policies).entries()) {
    await turn(STATEMENT_WORK);
    const parsed = cedar.policyToJson(part);
    const nameless = `${name}#${index + 1}`;
    if (parsed.type === 'failure') {
      problems.push(
        ...parsed.errors.map((error) => problem(name, nameless, sayError(error, part))),
      );
      continue;
    }
    const { json } = parsed;
    const told = json.annotations?.['id'];
    if (told !== undefined && !ID.test(told))
      problems.push(problem(name, nameless, `@id("${told}"): expected letters, digits, . _ and -`));
    statements.push({
      id: told ?? nameless,
      file: name,
      effect: json.effect,
      text: part,
      json,
      realm: realmOf(json),
      reason: json.annotations?.['reason'],
    });
  }
  return { statements, problems };
};

const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, at) => names.indexOf(name) !== at)),
];

/**
 * Files to statements, in the order of names and, within a file, of the text; with everything wrong with them. Other
 * work has its turn.
 */
export const parseFiles = async (
  cedar: Cedar,
  files: readonly PolicyFile[],
): Promise<ParsedFiles> => {
  const turn = createTurns();
  const ordered = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const parsed: ParsedFiles[] = [];
  for (const file of ordered) parsed.push(await parseFile(cedar, file, turn));
  const statements = parsed.flatMap((one) => one.statements);
  const problems = parsed.flatMap((one) => one.problems);
  for (const name of repeated(ordered.map((file) => file.name)))
    problems.push(problem(name, null, 'two files have this name'));
  const owners = new Map<string, string>();
  for (const { id, file } of statements) {
    const first = owners.get(id);
    if (first === undefined) owners.set(id, file);
    else problems.push(problem(file, id, `another statement, in ${first}, has this id`));
  }
  for (const { id, file, effect, realm } of statements)
    if (realm === 'host' && effect === 'permit')
      problems.push(problem(file, id, `a limit (action ${REPORT_ACTION}) only forbids`));
  return { statements, problems };
};
