import type { CedarStatement } from '../cedar/statement.ts';
import type { PolicyHost } from '../cedar/cedar-facts.ts';

/** A limit that a host exceeds, as the event tells it. */
export interface Violation {
  readonly policy: string;
  readonly current: unknown;
  readonly limit: unknown;
}

type Node = Readonly<Record<string, unknown>>;

interface Compared {
  readonly attribute: string;
  readonly limit: unknown;
}

const attributeOf = (node: unknown): string | undefined => {
  const access = (node as Node | undefined)?.['.'] as { left: Node; attr: string } | undefined;
  return access?.left['Var'] === 'resource' ? access.attr : undefined;
};

const literalOf = (node: unknown): unknown => {
  const { Value: value, Set: members } = (node ?? {}) as { Value?: unknown; Set?: unknown[] };
  return members === undefined ? value : members.map(literalOf);
};

const COMPARISONS = ['>', '>=', '<', '<=', 'containsAll', 'containsAny'];

/** The first comparison of an attribute of the host with literals. */
const comparisonIn = (node: unknown): Compared | undefined => {
  if (typeof node !== 'object' || node === null) return undefined;
  for (const [operator, body] of Object.entries(node)) {
    const { left, right } = (body ?? {}) as { left?: unknown; right?: unknown };
    const attribute = attributeOf(left);
    const limit = literalOf(right);
    if (COMPARISONS.includes(operator) && attribute !== undefined && limit !== undefined)
      return { attribute, limit };
    const deeper = comparisonIn(body);
    if (deeper) return deeper;
  }
  return undefined;
};

/** What a host has against what the limit asks for, as far as the statement shows it. */
export const violationOf = (statement: CedarStatement, host: PolicyHost): Violation => {
  const found = comparisonIn(statement.json.conditions.map(({ body }) => body));
  const current = found && (host as unknown as Node)[found.attribute];
  return { policy: statement.id, current: current ?? null, limit: found?.limit ?? null };
};
