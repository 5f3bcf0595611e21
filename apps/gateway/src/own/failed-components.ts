import type { Assignment, GuardianStatus, KernelState, Profile } from '@holdfast/contracts';

/** `idle` is as good as healthy: the first caller starts it. */
const GOOD = new Set<KernelState>(['healthy', 'idle', 'not_installed']);

const isWanted = (row: Assignment, profile: Profile): boolean =>
  row.status !== 'not_started' || profile.kernels[row.name]?.enabled === true;

/** Names of kernels and processes that the profile wants and that are not healthy. */
export const failedComponents = (status: GuardianStatus, profile: Profile): string[] =>
  [...status.kernels, ...status.processes]
    .filter((row) => !GOOD.has(row.status))
    .filter((row) => isWanted(row, profile))
    .map((row) => row.name);
