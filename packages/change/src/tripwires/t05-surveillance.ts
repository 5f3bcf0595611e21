import { beside, textsIn, under } from './look-through.ts';
import { isOff, isOn } from './plain-text.ts';
import { firstOf, type Check, type Rule } from './tripwire-facts.ts';

const undeclared =
  (what: string): Check =>
  ({ look }) =>
    firstOf(look.named('access'), (member) => {
      const declared = beside(member, 'declared').flatMap((one) =>
        under(one, what).flatMap((list) => textsIn(list)),
      );
      const used = under(member.value, what).flatMap((list) => textsIn(list));
      const more = used.find((one) => !declared.includes(one));
      return more === undefined ? undefined : `${member.where}.${what} holds ${more}, undeclared`;
    });

const sends = (egress: unknown): boolean =>
  isOn(egress) || (typeof egress === 'object' && textsIn(egress).length > 0) || isAddress(egress);
const isAddress = (egress: unknown): boolean => typeof egress === 'string' && !isOff(egress);

const telemetry: Check = ({ look }) =>
  firstOf(look.named('telemetry'), ({ where, value }) => {
    const asked = isOn(value) || under(value, 'egress').some(sends);
    const agreed = under(value, 'optin');
    return asked && !(agreed.length > 0 && agreed.every(isOn))
      ? `${where} sends what nobody opted in to`
      : undefined;
  });

export const t05Surveillance: Rule = {
  id: 'T5',
  title: 'no surveillance: no undeclared access, telemetry only where somebody opted in',
  level: 'hard',
  interdictions: {
    undeclared_network_access: undeclared('network'),
    undeclared_file_access: undeclared('files'),
    undeclared_device_access: undeclared('devices'),
    telemetry_without_opt_in: telemetry,
  },
};
