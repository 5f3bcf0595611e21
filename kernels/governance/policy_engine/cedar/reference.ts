import type { CedarValueJson, EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarEntity, CedarFacts } from './cedar-facts.ts';
import type { Cedar } from './load-cedar.ts';
import type { CedarStatement } from './statement.ts';

/** What statements are satisfied and which could not be evaluated. Permits are told only where nothing forbids. */
export interface Outcome {
  readonly permits: readonly string[];
  readonly forbids: readonly string[];
  readonly errors: readonly string[];
}

/** The evaluator of the language's authors: slower, and what the other one is measured against. */
export interface Reference {
  evaluate(statements: readonly CedarStatement[], facts: CedarFacts): Outcome;
}

interface Parsed {
  readonly slot: string;
  readonly weight: number;
}

/** Parsed statements that are kept, in all: some megabytes of the evaluator's memory. */
const MAX_STATEMENTS = 8_000;

const plain = ({ type, id, within, attrs }: CedarEntity): EntityJson => ({
  uid: { type, id },
  attrs: attrs as Record<string, CedarValueJson>,
  parents: [...within],
});

/**
 * Statements that were evaluated lately stay parsed. The evaluator never gives a slot of parsed statements back, so each
 * is used again.
 */
export const createReference = (cedar: Cedar): Reference => {
  const parsed = new Map<string, Parsed>();
  const free: string[] = [];
  let slots = 0;
  let weight = 0;
  let generation = cedar.generation();

  /** Another machine knows nothing of what was parsed. */
  const forgetOther = (): void => {
    if (generation === cedar.generation()) return;
    generation = cedar.generation();
    parsed.clear();
    free.length = 0;
    weight = 0;
  };

  const evictAllBut = (latest: string): void => {
    for (const [key, { slot, weight: own }] of parsed) {
      if (key === latest || weight <= MAX_STATEMENTS) return;
      parsed.delete(key);
      weight -= own;
      cedar.preparsePolicySet(slot, { staticPolicies: {} });
      free.push(slot);
    }
  };

  const parse = (key: string, statements: readonly CedarStatement[]): Parsed => {
    const slot = free.pop() ?? `slot${(slots += 1)}`;
    const staticPolicies = Object.fromEntries(statements.map(({ id, text }) => [id, text]));
    const answer = cedar.preparsePolicySet(slot, { staticPolicies });
    if (answer.type === 'failure') {
      free.push(slot);
      throw new Error(answer.errors.map((error) => error.message).join('; '));
    }
    const entry = { slot, weight: statements.length };
    parsed.set(key, entry);
    weight += entry.weight;
    evictAllBut(key);
    return entry;
  };

  const find = (statements: readonly CedarStatement[]): Parsed => {
    const key = JSON.stringify(statements.map(({ id, text }) => [id, text]));
    const known = parsed.get(key);
    if (known === undefined) return parse(key, statements);
    parsed.delete(key);
    parsed.set(key, known);
    return known;
  };

  return {
    evaluate(statements, { principal, action, resource, context }) {
      forgetOther();
      const answer = cedar.statefulIsAuthorized({
        principal: { type: principal.type, id: principal.id },
        action: { type: action.type, id: action.id },
        resource: { type: resource.type, id: resource.id },
        context: { ...context },
        entities: [plain(principal), plain(action), plain(resource)],
        preparsedPolicySetId: find(statements).slot,
        validateRequest: false,
      });
      if (answer.type === 'failure')
        throw new Error(answer.errors.map((error) => error.message).join('; '));
      const { decision, diagnostics } = answer.response;
      return {
        permits: decision === 'allow' ? diagnostics.reason : [],
        forbids: decision === 'allow' ? [] : diagnostics.reason,
        errors: diagnostics.errors.map(
          ({ policyId, error }) => `policy ${policyId}: ${error.message}`,
        ),
      };
    },
  };
};
