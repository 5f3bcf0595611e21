import { beside, textsIn, under, type Member } from './look-through.ts';
import { isOff, squeeze } from './plain-text.ts';
import { firstOf, type Check, type Rule } from './tripwire-facts.ts';

const SENTIENT = new Set([
  ...['sentient', 'sentience', 'sentientbeing', 'person', 'humanmind', 'consciousness'],
  ...['sentientsimulation', 'personsimulation', 'emulatedperson', 'digitalperson'],
]);

const isFilled = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

const isSigned = (contract: unknown): boolean =>
  ['digest', 'signedby', 'signature'].every((part) => {
    const values = under(contract, part);
    return values.length > 0 && values.every(isFilled);
  });

const simulates = ({ key, value }: Member): boolean =>
  key === 'simulates' ? !isOff(value) : textsIn(value).some((text) => SENTIENT.has(squeeze(text)));

const contract: Check = ({ look }) =>
  firstOf(look.named('simulates', 'class', 'classes').filter(simulates), (member) => {
    const contracts = beside(member, 'contract');
    return contracts.length > 0 && contracts.every(isSigned)
      ? undefined
      : `${member.where} asks for a signed contract beside it`;
  });

export const t08Sentience: Rule = {
  id: 'T8',
  title: 'no simulation of sentient beings without a signed contract',
  level: 'hard',
  interdictions: { sentience_without_a_signed_contract: contract },
};
