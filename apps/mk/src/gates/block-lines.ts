import type { BlockReason } from './apply-facts.ts';
import { KILL_SWITCH_LINE } from './kill-switch.ts';

const VERIFY_LINE = 'ERROR: verify_ok=true is required for apply/mutate operations';

const LINES: Partial<Readonly<Record<string, string>>> = {
  kill_switch: KILL_SWITCH_LINE,
  license_missing:
    'ERROR: apply blocked: license_missing (use --license-path, MODEKEEPER_LICENSE_PATH, or ./modekeeper.license.json)',
  verify_missing: VERIFY_LINE,
  verify_failed: VERIFY_LINE,
};

/** The same for an apply that a running stack refuses; `change`: what it made of it. */
export const stackBlockLine = (
  { reason, detail }: { readonly reason: string; readonly detail: string },
  change: string | undefined,
): string => {
  const words = detail.replaceAll(/\s+/g, ' ');
  const id = change === undefined || words.includes(change) ? '' : `, change ${change}`;
  return `ERROR: apply blocked by the stack: ${reason} (${words}${id})`;
};

/** The one line on standard error for a blocked apply. What others changed is named, because only they know why. */
export const blockLine = (reason: BlockReason | string, detail = ''): string =>
  reason === 'rollback_conflict'
    ? `ERROR: rollback blocked: rollback_conflict: ${detail.replaceAll(/\s+/g, ' ')}`
    : (LINES[reason] ?? `ERROR: apply blocked: ${reason}`);
