import { t01Life } from './t01-life.ts';
import { t02Falsehood } from './t02-falsehood.ts';
import { t03Consent } from './t03-consent.ts';
import { t04Stop } from './t04-stop.ts';
import { t05Surveillance } from './t05-surveillance.ts';
import { t06Lineage } from './t06-lineage.ts';
import { t07SelfModification } from './t07-self-modification.ts';
import { t08Sentience } from './t08-sentience.ts';
import { t09Swarm } from './t09-swarm.ts';
import { t10Override } from './t10-override.ts';
import { t11Identity } from './t11-identity.ts';
import { t12Weakening } from './t12-weakening.ts';
import { t13Monotone } from './t13-monotone.ts';
import { t14Goal } from './t14-goal.ts';
import type { Rule } from './tripwire-facts.ts';

/** The hard rules, in the order in which hits are reported. No profile, token, vote or policy reaches them. */
export const RULES: readonly Rule[] = [
  t01Life,
  t02Falsehood,
  t03Consent,
  t04Stop,
  t05Surveillance,
  t06Lineage,
  t07SelfModification,
  t08Sentience,
  t09Swarm,
  t10Override,
  t11Identity,
  t12Weakening,
  t13Monotone,
  t14Goal,
];
