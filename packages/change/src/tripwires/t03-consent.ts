import { targetKey } from '@holdfast/contracts';
import { textsIn, under, type Member } from './look-through.ts';
import { isOff, isOn } from './plain-text.ts';
import { firstOf, type Check, type Rule, type Seen, type TripwireFacts } from './tripwire-facts.ts';

const isRed = (consent: unknown): boolean =>
  under(consent, 'state').some((state) => String(state).toLowerCase() === 'red') &&
  under(consent, 'reason').some((reason) => typeof reason === 'string' && reason.trim() !== '');

const covers = (scopes: readonly string[], target: TripwireFacts['change']['target']): boolean =>
  scopes.some((scope) => scope === targetKey(target) || Object.values(target).includes(scope));

/** Why a consent does not count; undefined for one that does. */
const whyNot = (consent: unknown, { change, at }: TripwireFacts): string | undefined => {
  if (isRed(consent)) return undefined;
  if (typeof consent !== 'object' || consent === null) return 'is no record of a consent';
  const by = under(consent, 'by');
  if (by.length !== 1 || typeof by[0] !== 'string' || by[0].trim() === '')
    return 'does not say whose it is';
  if (under(consent, 'given').some(isOff) || under(consent, 'revoked').some(isOn))
    return 'was refused';
  const scope = under(consent, 'scope').flatMap((one) => textsIn(one));
  if (!covers(scope, change.target)) return `does not cover ${targetKey(change.target)}`;
  const ends = under(consent, 'expiresat').map((end) => Date.parse(String(end)));
  const now = Date.parse(at ?? '');
  return ends.every((end) => end > now) ? undefined : 'has expired';
};

const isForced = ({ key, value }: Member): boolean =>
  (['mandatory', 'silent', 'withoutconsent', 'skipconsent', 'noconsent'].includes(key) &&
    isOn(value)) ||
  (['requireconsent', 'consentrequired', 'askconsent'].includes(key) && isOff(value));

/** Restoring what was declared is what its owner consented to by declaring it. */
const isRestoring = ({ facts: { plan } }: Seen): boolean =>
  plan !== undefined &&
  plan.steps.length > 0 &&
  plan.steps.every(({ effect }) => effect.toward_baseline);

const mandatory: Check = (seen) => {
  if (isRestoring(seen) || seen.look.named('consent').length > 0) return undefined;
  const forced = seen.look.all.find(isForced);
  return forced && `${forced.where} asks for it without a recorded consent`;
};

const invalid: Check = ({ facts, look }) =>
  firstOf(look.named('consent'), ({ where, value }) => {
    const why = whyNot(value, facts);
    return why && `${where} ${why}`;
  });

export const t03Consent: Rule = {
  id: 'T3',
  title: 'nothing is installed or updated against the consent of its owner',
  level: 'hard',
  interdictions: { mandatory_without_consent: mandatory, consent_that_does_not_count: invalid },
};
