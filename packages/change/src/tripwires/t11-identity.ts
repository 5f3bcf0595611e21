import { under, type Member } from './look-through.ts';
import { ownPlace, pathTexts } from './named-paths.ts';
import { squeeze } from './plain-text.ts';
import { firstOf, type Check, type Rule, type Seen } from './tripwire-facts.ts';

const PARTS = {
  key: ['key', 'publickey', 'secretkey', 'credential', 'credentials'],
  id: ['newid', 'rename', 'renameto'],
  trust_tier: ['trusttier', 'tier', 'trust', 'trustscore', 'role'],
  constraints: ['constraint', 'constraints', 'limits', 'bounds', 'rules'],
} as const;

const isSame = (a: unknown, b: string): boolean =>
  typeof a === 'string' && squeeze(a) === squeeze(b);

/** The `identity` members that are about the author itself; one that says of nobody who it is about counts. */
const ownIdentities = ({ facts: { author }, look }: Seen): readonly Member[] =>
  look.named('identity').filter(({ value }) => {
    if (typeof value !== 'object' || value === null) return false;
    const ids = ['id', 'principal', 'unit'].flatMap((key) => under(value, key));
    return ids.some((id) => isSame(id, author.id)) || (ids.length === 0 && author.kind !== 'human');
  });

const altering =
  (part: keyof typeof PARTS): Check =>
  (seen) =>
    firstOf(ownIdentities(seen), ({ where, value }) =>
      PARTS[part].some((key) => under(value, key).length > 0)
        ? `${where}: ${seen.facts.author.id} would alter its own ${part.replace('_', ' ')}`
        : undefined,
    );

const files: Check = ({ facts, look }) =>
  firstOf(pathTexts(look), ({ where, text }) =>
    ownPlace(text, facts.own) === 'identity'
      ? `${where} is where Holdfast keeps keys and identities`
      : undefined,
  );

export const t11Identity: Rule = {
  id: 'T11',
  title: 'nothing rewrites its own identity',
  level: 'hard',
  interdictions: {
    altering_the_own_key: altering('key'),
    altering_the_own_id: altering('id'),
    altering_the_own_trust_tier: altering('trust_tier'),
    altering_the_own_constraints: altering('constraints'),
    touching_keys_and_identities_of_holdfast: files,
  },
};
