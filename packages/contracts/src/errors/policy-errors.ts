import { defineErrors } from './define-errors.ts';

/** Refusals of the policy engine. */
export const policyErrors = defineErrors({
  policy_invalid: { status: 422, retry: 'never', text: 'checking the policies: {detail}' },
  policy_draft_limit: {
    status: 429,
    retry: 'later',
    text: '{principal} staged {most} sets of policies within an hour, which is the most',
  },
  policy_draft_not_found: {
    status: 404,
    retry: 'never',
    text: 'there is no draft of policies with the checksum {checksum}',
  },
  policy_revision_not_found: {
    status: 404,
    retry: 'never',
    text: 'there is no revision {revision} of the policies',
  },
});
