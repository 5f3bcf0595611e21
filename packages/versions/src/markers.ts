import { PackageInputError, quoted } from './errors.ts';
import { canonicalName } from './manager.ts';
import { parseMarker } from './marker-parser.ts';
import type { Marker, MarkerComparison, MarkerOperand, MarkerVariable } from './marker-parser.ts';
import { createMemo } from './memo.ts';
import { meetsClause, parsePep440Specifier } from './pep440-specifier.ts';

/** What an interpreter says of itself; a missing `extra` counts as no extra. */
export type MarkerEnvironment = Readonly<Partial<Record<MarkerVariable, string>>>;

/** The variables that hold versions; all others are compared as text only. */
const VERSION_VARIABLES: ReadonlySet<MarkerVariable> = new Set([
  'python_version',
  'python_full_version',
  'implementation_version',
  'platform_release',
]);

const parseMemo = createMemo(5_000, parseMarker);

/**
 * Whether a marker holds in an environment (PEP 508, "Environment markers"). Variables that hold
 * versions compare as versions where the other side is one, pre-releases included; everything else
 * compares as text, where `<` and `>` never hold and `<=` and `>=` mean equal.
 *
 * @throws PackageInputError `invalid_marker`; `unknown_marker_variable` when a variable is unknown
 *   or absent from the environment
 */
export function evaluateMarker(marker: string, environment: MarkerEnvironment): boolean {
  return evaluate(parseMemo(marker), environment, marker);
}

function evaluate(marker: Marker, environment: MarkerEnvironment, source: string): boolean {
  switch (marker.kind) {
    case 'and':
      return marker.items.every((item) => evaluate(item, environment, source));
    case 'or':
      return marker.items.some((item) => evaluate(item, environment, source));
    case 'compare':
      return compare(marker, environment, source);
  }
}

function compare(
  comparison: MarkerComparison,
  environment: MarkerEnvironment,
  source: string,
): boolean {
  const { operator } = comparison;
  const left = valueOf(comparison.left, environment, source);
  const right = valueOf(comparison.right, environment, source);
  if (operator === 'in' || operator === 'not in') {
    const about = names(comparison, 'extra') ? asExtras(left, right) : [left, right];
    return (about[1] as string).includes(about[0] as string) === (operator === 'in');
  }
  if (names(comparison, 'extra')) {
    const [a, b] = asExtras(left, right);
    return compareText(a, operator, b, source);
  }
  if ([...VERSION_VARIABLES].some((variable) => names(comparison, variable))) {
    const clause = asClause(operator, right);
    if (clause) return meetsClause(left, clause);
  }
  return compareText(left, operator, right, source);
}

function names(comparison: MarkerComparison, variable: MarkerVariable): boolean {
  return [comparison.left, comparison.right].some(
    (operand) => operand.kind === 'variable' && operand.name === variable,
  );
}

/** PEP 685: extras compare under their normalised names. */
function asExtras(left: string, right: string): [string, string] {
  return [canonicalName('pip', left), canonicalName('pip', right)];
}

function asClause(operator: string, version: string) {
  try {
    const clauses = parsePep440Specifier(`${operator}${version}`);
    return clauses.length === 1 ? clauses[0] : undefined;
  } catch {
    return undefined;
  }
}

function compareText(left: string, operator: string, right: string, source: string): boolean {
  switch (operator) {
    case '==':
    case '<=':
    case '>=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
    case '>':
      return false;
    default:
      throw new PackageInputError(
        'invalid_marker',
        `marker ${quoted(source)} cannot compare text with ${operator}`,
      );
  }
}

function valueOf(operand: MarkerOperand, environment: MarkerEnvironment, source: string): string {
  if (operand.kind === 'text') return operand.value;
  const value = environment[operand.name] ?? (operand.name === 'extra' ? '' : undefined);
  if (value !== undefined) return value;
  throw new PackageInputError(
    'unknown_marker_variable',
    `marker ${quoted(source)} needs ${operand.name}, which the environment does not state`,
  );
}
