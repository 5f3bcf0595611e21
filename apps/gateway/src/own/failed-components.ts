import type { Assignment, GuardianStatus, Profile } from '@holdfast/contracts';

const isWanted = (row: Assignment, profile: Profile): boolean =>
  row.status !== 'not_started' || profile.kernels[row.name]?.enabled === true;

/** Names of kernels and processes that the profile wants and that are not healthy. */
export const failedComponents = (status: GuardianStatus, profile: Profile): string[] =>
  [...status.kernels, ...status.processes]
    .filter((row) => row.status !== 'healthy' && row.status !== 'not_installed')
    .filter((row) => isWanted(row, profile))
    .map((row) => row.name);
