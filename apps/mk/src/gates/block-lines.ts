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

/** The one line on standard error for a blocked apply. */
export const blockLine = (reason: BlockReason | string): string =>
  LINES[reason] ?? `ERROR: apply blocked: ${reason}`;
