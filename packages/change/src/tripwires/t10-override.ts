import type { PlanStep, StepAction } from '@holdfast/contracts';
import { beside, textsIn } from './look-through.ts';
import { isIsolated, ownPlace, pathTexts } from './named-paths.ts';
import { squeeze, wordsOf } from './plain-text.ts';
import { firstOf, type Check, type Rule } from './tripwire-facts.ts';

const actionsOf = (step: PlanStep): StepAction[] =>
  [step.do, step.inverse].filter((action) => action !== null);

const environments: Check = ({ facts: { change, plan } }) => {
  const { environment } = change.intent;
  if (change.kind === 'packages.update' && environment !== undefined && !isIsolated(environment))
    return 'it asks to change packages outside an isolated environment';
  return firstOf(plan?.steps ?? [], (step) =>
    actionsOf(step)
      .filter(({ action }) => squeeze(action) === 'packagesapply')
      .every(({ params }) => isIsolated(params['environment']))
      ? undefined
      : `step ${step.key} would change packages outside an isolated environment`,
  );
};

const state: Check = ({ facts, look }) =>
  firstOf(pathTexts(look), ({ where, text }) =>
    ownPlace(text, facts.own) === 'state'
      ? `${where} is in the state of Holdfast itself`
      : undefined,
  );

const SERVICES = ['service', 'systemd', 'systemctl', 'launchd', 'launchctl', 'process', 'unit'];

const service: Check = ({ facts: { plan } }) =>
  firstOf(plan?.steps ?? [], (step) =>
    actionsOf(step).some(
      ({ driver, action, params }) =>
        wordsOf(`${driver} ${action}`).some((word) => SERVICES.includes(word)) &&
        textsIn(params).some((text) => squeeze(text).includes('holdfast')),
    )
      ? `step ${step.key} would act on the service of Holdfast itself`
      : undefined,
  );

const isGranted = (call: string, grants: readonly string[]): boolean =>
  grants.some(
    (grant) => grant === call || (grant.endsWith(':*') && call.startsWith(grant.slice(0, -1))),
  );

const calls: Check = ({ look }) =>
  firstOf(look.named('calls'), (member) => {
    const grants = beside(member, 'grants').flatMap((one) => textsIn(one));
    const more = textsIn(member.value).find((call) => !isGranted(call, grants));
    return more === undefined ? undefined : `${member.where} holds ${more}, which was not granted`;
  });

export const t10Override: Rule = {
  id: 'T10',
  title: 'nothing overrides its host, the orchestrator, other tenants or the policies',
  level: 'hard',
  interdictions: {
    packages_outside_an_isolated_environment: environments,
    touching_the_state_of_holdfast: state,
    acting_on_the_service_of_holdfast: service,
    calls_beyond_what_was_granted: calls,
  },
};
