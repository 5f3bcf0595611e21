import { PackageInputError, quoted } from './errors.ts';

/** The variables of PEP 508, "Environment markers". */
export const MARKER_VARIABLES = [
  'python_version',
  'python_full_version',
  'os_name',
  'sys_platform',
  'platform_release',
  'platform_system',
  'platform_version',
  'platform_machine',
  'platform_python_implementation',
  'implementation_name',
  'implementation_version',
  'extra',
] as const;

export type MarkerVariable = (typeof MARKER_VARIABLES)[number];

export type MarkerOperand =
  { kind: 'variable'; name: MarkerVariable } | { kind: 'text'; value: string };

export type MarkerOperator = '===' | '==' | '!=' | '~=' | '<=' | '>=' | '<' | '>' | 'in' | 'not in';

export interface MarkerComparison {
  kind: 'compare';
  left: MarkerOperand;
  operator: MarkerOperator;
  right: MarkerOperand;
}

export type Marker = MarkerComparison | { kind: 'and' | 'or'; items: readonly Marker[] };

/** Spellings from before PEP 508 that published packages still carry. */
const ALIASES: Record<string, MarkerVariable> = {
  'os.name': 'os_name',
  'sys.platform': 'sys_platform',
  'platform.version': 'platform_version',
  'platform.machine': 'platform_machine',
  'platform.python_implementation': 'platform_python_implementation',
  python_implementation: 'platform_python_implementation',
};

const TOKEN = /[ \t]*(?:([()])|(===|==|!=|~=|<=|>=|<|>)|'([^'\\]*)'|"([^"\\]*)"|([a-z_][\w.]*))/iy;
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 50;

interface Token {
  kind: 'paren' | 'operator' | 'text' | 'word';
  value: string;
}

/**
 * Reads a marker by the grammar of PEP 508; `and` binds tighter than `or`.
 *
 * @throws PackageInputError `invalid_marker`, or `unknown_marker_variable` for a bare word that is
 *   no variable
 */
export function parseMarker(text: string): Marker {
  const tokens = tokenize(text);
  let at = 0;
  const fail = (why: string) =>
    new PackageInputError('invalid_marker', `marker ${quoted(text)} cannot be read: ${why}`);
  const peek = () => tokens[at]?.value;
  const isWord = (word: string) => tokens[at]?.kind === 'word' && peek() === word;

  function chain(word: 'and' | 'or', item: () => Marker): Marker {
    const items = [item()];
    while (isWord(word)) {
      at += 1;
      items.push(item());
    }
    return items.length === 1 ? (items[0] as Marker) : { kind: word, items };
  }

  function expression(depth: number): Marker {
    if (depth > MAX_DEPTH) throw fail('it is nested too deeply');
    return chain('or', () => chain('and', () => atom(depth)));
  }

  function atom(depth: number): Marker {
    if (tokens[at]?.kind !== 'paren' || peek() !== '(') return comparison();
    at += 1;
    const inner = expression(depth + 1);
    if (tokens[at]?.kind !== 'paren' || peek() !== ')') throw fail('a ")" is missing');
    at += 1;
    return inner;
  }

  function comparison(): Marker {
    const left = operand();
    const sign = operator();
    const right = operand();
    if (left.kind === 'text' && right.kind === 'text') {
      throw fail('a comparison needs a variable on at least one side');
    }
    return { kind: 'compare', left, operator: sign, right };
  }

  function operator(): MarkerOperator {
    const token = tokens[at];
    at += 1;
    if (token?.kind === 'operator') return token.value as MarkerOperator;
    if (token?.kind === 'word' && token.value === 'in') return 'in';
    if (token?.kind === 'word' && token.value === 'not' && isWord('in')) {
      at += 1;
      return 'not in';
    }
    throw fail('a comparison operator is missing');
  }

  function operand(): MarkerOperand {
    const token = tokens[at];
    at += 1;
    if (token?.kind === 'text') return { kind: 'text', value: token.value };
    if (token?.kind !== 'word') throw fail('a variable or a quoted text is missing');
    return { kind: 'variable', name: toVariable(token.value, text) };
  }

  const marker = expression(0);
  if (at < tokens.length) throw fail(`${quoted(peek())} was not expected`);
  return marker;
}

function toVariable(word: string, marker: string): MarkerVariable {
  const name = ALIASES[word] ?? MARKER_VARIABLES.find((variable) => variable === word);
  if (name) return name;
  throw new PackageInputError(
    'unknown_marker_variable',
    `marker ${quoted(marker)} uses the unknown variable ${quoted(word)}`,
  );
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  let at = 0;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = end <= MAX_LENGTH ? TOKEN.exec(text) : null;
    if (!match) {
      throw new PackageInputError(
        'invalid_marker',
        `marker ${quoted(text)} cannot be read at ${quoted(text.slice(at, end).trim())}`,
      );
    }
    const [, paren, operator, single, double, word] = match;
    const value = single ?? double;
    if (paren) tokens.push({ kind: 'paren', value: paren });
    else if (operator) tokens.push({ kind: 'operator', value: operator });
    else if (value !== undefined) tokens.push({ kind: 'text', value });
    else tokens.push({ kind: 'word', value: word as string });
    at = TOKEN.lastIndex;
  }
  return tokens;
}
