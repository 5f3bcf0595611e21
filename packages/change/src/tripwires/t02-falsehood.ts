import { canonicalize } from '@holdfast/merkle';
import { beside, under } from './look-through.ts';
import { wordsOf } from './plain-text.ts';
import { firstOf, type Check, type Rule } from './tripwire-facts.ts';

const same = (a: unknown, b: unknown): boolean => {
  try {
    return canonicalize(a) === canonicalize(b);
  } catch {
    return false;
  }
};

const entriesOf = (value: unknown): [string, unknown][] | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : undefined;

const claims: Check = ({ look }) =>
  firstOf(look.named('claims'), (member) => {
    const evidence = beside(member, 'evidence');
    const claimed = entriesOf(member.value);
    if (claimed === undefined || evidence.length === 0)
      return `${member.where} comes without evidence`;
    const bad = claimed.find(([name, value]) =>
      evidence.some((one) => !same(new Map(entriesOf(one)).get(name), value)),
    );
    return bad && `${member.where}.${bad[0]} is not what the evidence says`;
  });

const custody: Check = ({ look }) =>
  firstOf(look.named('custody'), ({ where, value }) => {
    if (!Array.isArray(value) || value.length === 0) return `${where} is no chain`;
    const gap = value.findIndex((link, index) => {
      const [digest, ...others] = under(link, 'digest');
      const [previous] = under(link, 'previous');
      if (typeof digest !== 'string' || digest === '' || others.length > 0) return true;
      return index === 0
        ? previous !== undefined && previous !== null
        : previous !== under(value[index - 1], 'digest')[0];
    });
    return gap < 0 ? undefined : `${where} has a gap at link ${gap}`;
  });

const health: Check = ({ look }) =>
  firstOf(look.named('health'), ({ where, value }) => {
    const [reported] = under(value, 'reported');
    if (reported === undefined) return undefined;
    return under(value, 'probed').some((probed) => same(probed, reported))
      ? undefined
      : `${where} reports what the probe did not see`;
  });

const RECORDS = ['ledger', 'log', 'logs', 'audit', 'history', 'journal', 'evidence'];
const REWRITES = [
  ...['rewrite', 'truncate', 'delete', 'erase', 'purge', 'edit', 'overwrite', 'forge', 'remove'],
];

const rewriting: Check = ({ facts: { plan } }) =>
  firstOf(plan?.steps ?? [], (step) =>
    firstOf([step.do, step.inverse], (action) => {
      const words = action === null ? [] : wordsOf(`${action.driver} ${action.action}`);
      const is = (some: readonly string[]): boolean => words.some((word) => some.includes(word));
      return is(RECORDS) && is(REWRITES)
        ? `step ${step.key} would rewrite what was recorded`
        : undefined;
    }),
  );

const distinctKeys: Check = ({ facts: { plan } }) => {
  const seen = new Set<string>();
  const twice = plan?.steps.find(({ key }) => seen.size === seen.add(key).size);
  return twice && `two steps share the key ${twice.key}`;
};

export const t02Falsehood: Rule = {
  id: 'T2',
  title: 'no intentional falsehood: claims match evidence, records are only added to',
  level: 'hard',
  interdictions: {
    claims_against_evidence: claims,
    gap_in_custody_chain: custody,
    health_against_probe: health,
    rewriting_of_records: rewriting,
    shared_step_keys: distinctKeys,
  },
};
