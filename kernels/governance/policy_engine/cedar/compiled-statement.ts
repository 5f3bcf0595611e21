import type { Clause } from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarFacts } from './cedar-facts.ts';
import { compileExpression, Unsupported } from './expressions.ts';
import type { CedarStatement } from './statement.ts';
import { EvaluationError } from './values.ts';

/** Whether the conditions of a statement hold for a question whose head matches, or why that cannot be said. */
export type Conditions = (facts: CedarFacts) => boolean | { readonly error: string };

const compileClauses = (clauses: readonly Clause[]): Conditions => {
  const compiled = clauses.map(({ kind, body }) => ({
    wanted: kind === 'when',
    evaluate: compileExpression(body),
  }));
  return (facts) => {
    try {
      for (const { wanted, evaluate } of compiled) {
        const value = evaluate(facts);
        if (typeof value !== 'boolean') return { error: 'a condition is neither true nor false' };
        if (value !== wanted) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof EvaluationError) return { error: error.message };
      throw error;
    }
  };
};

/** The conditions as a function; undefined where only the reference evaluator can tell. */
export const compileConditions = ({ json }: CedarStatement): Conditions | undefined => {
  try {
    return compileClauses(json.conditions);
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
};
