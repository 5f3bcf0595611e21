/**
 * Whether the environment asks to go without a licence, as MODEKEEPER_PAID and MODEKEEPER_INTERNAL_OVERRIDE, both `1`,
 * once did. It is never granted: this is for the report that says so.
 */
export const asksForOverride = (env: Readonly<Record<string, string | undefined>>): boolean =>
  env.MODEKEEPER_PAID === '1' && env.MODEKEEPER_INTERNAL_OVERRIDE === '1';
