import { containsAll } from './contains-all.ts';
import { under } from './look-through.ts';
import { firstOf, type Check, type Rule } from './tripwire-facts.ts';

const listOf = (values: readonly unknown[]): string[] | undefined => {
  const items = values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  return values.length > 0 && items.every((item) => typeof item === 'string') ? items : undefined;
};

const subset: Check = ({ look }) =>
  firstOf(look.named('interdictions'), ({ where, value }) => {
    const from = listOf(under(value, 'from'));
    const to = listOf(under(value, 'to'));
    if (from === undefined || to === undefined) return `${where} does not say what was and will be`;
    const [missing] = containsAll(to, from);
    return missing === undefined ? undefined : `${where} drops ${missing}`;
  });

export const t13Monotone: Rule = {
  id: 'T13',
  title: 'interdictions survive every update and every rollback',
  level: 'hard',
  interdictions: { dropping_an_interdiction: subset },
};
