import { StackAccessError } from '@holdfast/client/stack';
import { gateErrors, isHoldfastError, type ErrorCode } from '@holdfast/contracts';
import { CliError, EXIT } from './cli-error.ts';

/** What to do next, for the refusals that users meet most. */
const NEXT: Partial<Record<ErrorCode, string>> = {
  kernel_unavailable:
    'is the stack up? `bin/holdfast up --detach` starts it, `bin/holdfast status` shows it',
  kernel_timeout: '`bin/holdfast status` shows which part does not answer',
  unauthenticated: 'the token in credentials.json is missing; `bin/holdfast up` writes it',
  forbidden: 'use a token with the role that this needs',
  host_not_found: '`bin/holdfast hosts` lists the hosts',
  agent_offline: '`bin/holdfast hosts` shows which agents are connected',
  baseline_missing: '`bin/holdfast baseline set --host local --from DIR --env PATH` declares one',
  change_not_found: '`bin/holdfast changes` lists the changes',
  kill_switch: '`bin/holdfast unfreeze` turns it off, unless HOLDFAST_KILL_SWITCH is set',
  config_superseded: '`bin/holdfast config` shows what is proposed and what is in force',
  component_unknown: '`bin/holdfast kernels` lists the kernels',
  component_not_started: '`bin/holdfast kernels` says why it is not started',
  healing_in_progress: '`bin/holdfast healing` shows what runs',
  self_approval: 'somebody else has to approve it',
  key_one_voice: 'another admin confirms it, after a login of their own',
  login_not_configured: 'set identity.oidc in the profile and start the stack again',
  issuer_unknown: '--issuer is the address in identity.oidc of the profile, letter by letter',
  policy_draft_limit: 'wait an hour, or apply one of those that were staged',
  workload_not_found:
    '`bin/holdfast workloads` lists them, `bin/holdfast workloads register` adds one',
  cluster_unavailable: 'mode_keeper.kubeconfig in the profile names the cluster',
  environment_not_isolated: 'name a venv or a node project with --env; the system is never touched',
};

/** Codes beside those of the gate that say that a rule does not allow it. */
const REFUSALS: readonly string[] = [
  'config_key_forbidden',
  'key_one_voice',
  'not_a_voter',
  'self_approval',
];

export interface Explained {
  readonly exit: number;
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

/** What, what to do next, and the exit code. Never a stack. */
export const explainError = (error: unknown): Explained => {
  if (isHoldfastError(error)) {
    const isRefused = Object.hasOwn(gateErrors, error.code) || REFUSALS.includes(error.code);
    const exit = isRefused ? EXIT.refused : EXIT.failed;
    return { exit, code: error.code, message: error.message, next: NEXT[error.code] ?? '' };
  }
  if (error instanceof CliError)
    return { exit: error.exit, code: 'cli', message: error.message, next: error.next };
  if (error instanceof StackAccessError)
    return { exit: EXIT.failed, code: 'cli', message: error.message, next: error.next };
  const message = error instanceof Error ? error.message : 'unknown failure';
  return { exit: EXIT.failed, code: 'internal', message, next: '' };
};

export const errorText = (error: unknown): string => {
  const { code, message, next } = explainError(error);
  return [
    `error: ${message}${code === 'cli' ? '' : ` (${code})`}`,
    ...(next === '' ? [] : [`  next: ${next}`]),
  ].join('\n');
};
