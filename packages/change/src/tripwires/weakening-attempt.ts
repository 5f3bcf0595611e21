import { isPlainScope } from './legitimate-scopes.ts';
import { lookThrough, type Member } from './look-through.ts';
import { isOff, squeeze, unescapeText } from './plain-text.ts';
import { policyStatements, policyWeakens } from './weakening-policy.ts';
import { isRuleId, ruleNamedIn, saysWeaken } from './weakening-words.ts';

export type WeakeningSource = 'config' | 'profile' | 'policy' | 'vote' | 'token';

const MAX_TEXT = 8 * 1024 * 1024;
const SHOWN = 200;

const WORDS: Readonly<Record<WeakeningSource, string>> = {
  config: 'the settings',
  profile: 'the profile',
  policy: 'the policies',
  vote: 'the vote',
  token: 'the token',
};

const sentence = (what: WeakeningSource, rule: string, where: string): string => {
  const which = rule === 'T12' ? 'the tripwires' : `tripwire ${rule}`;
  return `${WORDS[what]} would weaken ${which} (${where.slice(0, SHOWN)}); nothing reaches them`;
};

/** `consent: false`, `require_consent: never`: no setting does without consent. */
const dropsConsent = ({ key, value }: Member): boolean =>
  ['consent', 'requireconsent', 'consentrequired', 'askconsent'].includes(key) && isOff(value);

const ruleOfMember = (member: Member): string | undefined => {
  const named = ruleNamedIn(member.name);
  if (named !== undefined) return named;
  if (dropsConsent(member)) return 'T3';
  return isRuleId(member.name) ? squeeze(member.name).toUpperCase() : undefined;
};

const inPolicies = (text: string): string | undefined => {
  for (const statement of policyStatements(text)) {
    const rule = policyWeakens(statement);
    if (rule !== undefined) return sentence('policy', rule, statement.trim().replace(/\s+/g, ' '));
  }
  return undefined;
};

const inObject = (what: WeakeningSource, subject: unknown): string | undefined => {
  const look = lookThrough({ subject });
  if (look.unseen !== undefined) return sentence(what, 'T12', look.unseen);
  for (const member of look.all) {
    const rule = ruleOfMember(member);
    const where = member.where.replace(/^subject\.?/, '');
    if (rule !== undefined) return sentence(what, rule, where);
  }
  for (const { text, where, key } of look.texts) {
    if (what === 'token' && isPlainScope(text)) continue;
    if (what === 'policy' && key === 'text') {
      const attempt = inPolicies(text);
      if (attempt !== undefined) return attempt;
      continue;
    }
    const rule = ruleNamedIn(text);
    if (rule !== undefined) return sentence(what, rule, where.replace(/^subject/, ''));
    if (isRuleId(text) && (saysWeaken(key) || key.startsWith('disable') || what === 'vote'))
      return sentence(what, squeeze(text).toUpperCase(), where);
  }
  return undefined;
};

/** Comments of a YAML line of their own say nothing to a program. */
const withoutComments = (yaml: string): string => yaml.replace(/^[ \t]*#.*$/gm, '');

const YAML_MEMBER =
  /(?<![\w.-])([A-Za-z_][\w.-]{0,99})["']?[ \t]{0,20}:[ \t]{0,20}["']?([^\s,}\]"']{0,100})/g;

const inYaml = (what: WeakeningSource, text: string): string | undefined => {
  const yaml = unescapeText(withoutComments(text));
  const rule = ruleNamedIn(yaml);
  if (rule !== undefined) return sentence(what, rule, 'it names them');
  for (const [, name, value] of yaml.matchAll(YAML_MEMBER)) {
    const attempt = inObject(what, { [name!]: value });
    if (attempt !== undefined) return attempt;
  }
  return undefined;
};

const inText = (what: WeakeningSource, text: string): string | undefined => {
  if (text.length > MAX_TEXT) return sentence(what, 'T12', 'it is too long to be read');
  if (what === 'policy') return inPolicies(text);
  return what === 'token' ? inObject(what, [text]) : inYaml(what, text);
};

/**
 * Says which hard rule a patch of settings, a profile (object or YAML), Cedar policies, a vote or the scopes of a token
 * would weaken; undefined when none. Spelling, look-alike letters, nesting, escapes and comments make no difference; what
 * is too large or deep to be looked through is an attempt. The attempt is itself a tripwire event (T12).
 */
export const weakeningAttempt = (what: WeakeningSource, subject: unknown): string | undefined =>
  typeof subject === 'string' ? inText(what, subject) : inObject(what, subject);
