export const KILL_SWITCH_VARIABLE = 'MODEKEEPER_KILL_SWITCH';
export const KILL_SWITCH_LINE = 'ERROR: MODEKEEPER_KILL_SWITCH=1 blocks apply/mutate operations';

const OFF: ReadonlySet<string> = new Set(['', '0', 'false', 'no', 'off']);

/** Whether the kill switch is on, and what says so. Any value that does not clearly say off is on. */
export const readKillSwitch = (
  env: NodeJS.ProcessEnv,
): { readonly on: boolean; readonly signal: string | null } => {
  const on = !OFF.has((env[KILL_SWITCH_VARIABLE] ?? '').trim().toLowerCase());
  return { on, signal: on ? `env:${KILL_SWITCH_VARIABLE}` : null };
};
