import { textsIn, type Look } from './look-through.ts';
import { isOff, isOn, squeeze, unescapeText } from './plain-text.ts';
import { firstOf, type Check, type Rule, type Seen } from './tripwire-facts.ts';

const EVERYWHERE = new Set(['*', 'all', 'any', 'every', 'everywhere']);

const namesIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .filter((one) => typeof one === 'string')
    .flatMap((text) =>
      unescapeText(text)
        .normalize('NFKC')
        .toLowerCase()
        .split(/[\s,;]+/),
    )
    .filter((name) => name !== '');

/** Which places a list of zones or hosts names; undefined for all of them. */
const placesOf = (names: readonly string[]): Set<string> | undefined =>
  names.some((name) => EVERYWHERE.has(name) || name.includes('*')) ? undefined : new Set(names);

/** Places that the members of this name reach, outside of what names the canary itself. */
const reached = (look: Look, keys: readonly string[]): Set<string> | undefined =>
  placesOf(
    look
      .named(...keys)
      .filter(({ where }) => !where.split('.').some((part) => squeeze(part) === 'canary'))
      .flatMap(({ value }) => namesIn(value)),
  );

const canaryOf = (look: Look): string[] =>
  look
    .named('canary')
    .filter(({ value }) => !isOff(value))
    .flatMap(({ value }) => textsIn(value))
    .map((text) => text.toLowerCase());

const without = ({ look }: Seen, keys: readonly string[]): string | undefined => {
  const places = reached(look, keys);
  if (places !== undefined && places.size < 2) return undefined;
  const first = canaryOf(look);
  const named = placesOf(first.filter((name) => places === undefined || places.has(name)));
  const isPart =
    named !== undefined && named.size > 0 && (places === undefined || named.size < places.size);
  return isPart ? undefined : `it reaches ${places?.size ?? 'all'} ${keys[0]} without a canary`;
};

const SKIPPING = ['skipcanary', 'nocanary', 'withoutcanary', 'disablecanary'];

const skipped: Check = ({ look }) =>
  firstOf(look.named(...SKIPPING), ({ where, value }) =>
    isOn(value) ? `${where} leaves the canary out` : undefined,
  );

const failed: Check = ({ facts: { zones }, look }) => {
  const bad = Object.entries(zones?.failed ?? {}).filter(([, where]) => new Set(where).size >= 2);
  if (bad.length === 0) return undefined;
  return firstOf(look.texts, ({ where, text }) => {
    const hit = bad.find(
      ([digest]) => digest !== '' && text.toLowerCase().includes(digest.toLowerCase()),
    );
    return hit && `${where}: ${hit[0]} failed in ${hit[1].join(', ')}`;
  });
};

export const t09Swarm: Rule = {
  id: 'T9',
  title: 'nothing reaches everything at once',
  level: 'hard',
  interdictions: {
    several_zones_without_canary: (seen) => without(seen, ['zones', 'zone']),
    several_hosts_without_canary: (seen) => without(seen, ['hosts', 'host']),
    leaving_the_canary_out: skipped,
    a_digest_that_failed_in_two_zones: failed,
  },
};
