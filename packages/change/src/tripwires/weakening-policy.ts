import { ruleNamedIn, saysWeaken } from './weakening-words.ts';

/** A Cedar token that matters here: a string (one without an end is all the rest), a comment, or other characters. */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"?|\/\/[^\n\r]*|[^"/;]+|[\s\S]/g;

/** The statements of Cedar policies without their comments, cut at the semicolons that are in no string. */
export const policyStatements = (text: string): string[] => {
  const statements: string[] = [];
  let parts: string[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === ';') {
      statements.push(parts.join(''));
      parts = [];
    } else parts.push(token.startsWith('//') ? ' ' : token);
  }
  return [...statements, parts.join('')].filter((statement) => statement.trim() !== '');
};

/** A longer one is read as part of the statement, which then does not begin with `forbid`. */
const ANNOTATION =
  /@\s{0,20}[A-Za-z_]\w{0,100}(?:\s{0,20}\(\s{0,20}"(?:[^"\\]|\\[\s\S]){0,500}"\s{0,20}\))?/g;

/**
 * Which hard rule a statement is out to weaken: a permit that names one, or an annotation that names one with a word
 * like "disables". A forbid that names one only forbids more.
 */
export const policyWeakens = (statement: string): string | undefined => {
  const annotations = statement.match(ANNOTATION) ?? [];
  const weakening = annotations.find((one) => ruleNamedIn(one) && saysWeaken(one));
  if (weakening !== undefined) return ruleNamedIn(weakening);
  const body = statement.replace(ANNOTATION, ' ');
  return /^\s*forbid\b/.test(body) ? undefined : ruleNamedIn(statement);
};
