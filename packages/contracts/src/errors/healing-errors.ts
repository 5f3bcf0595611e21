import { defineErrors } from './define-errors.ts';

/** Refusals of the guardian: its port map, its playbooks, its reloads. */
export const healingErrors = defineErrors({
  component_unknown: {
    status: 404,
    retry: 'never',
    text: 'looking up component {name}: there is none of that name here',
  },
  tier_unknown: {
    status: 400,
    retry: 'never',
    text: 'looking up tier {tier}: there is none; known: {known}',
  },
  healing_in_progress: {
    status: 409,
    retry: 'later',
    text: 'healing {component}: it is being healed since {since}',
  },
  component_not_started: {
    status: 409,
    retry: 'never',
    text: 'healing {component}: it is not started here: {reason}',
  },
  reload_in_progress: {
    status: 409,
    retry: 'later',
    text: 'reloading: another reload is running since {since}',
  },
  reload_failed: {
    status: 500,
    retry: 'later',
    text: 'reloading {component}: {detail}',
  },
});
