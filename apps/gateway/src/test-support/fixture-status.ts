import type { Assignment, GuardianStatus, KernelState } from '@holdfast/contracts';

export const fixtureAssignment = (
  name: string,
  status: KernelState,
  tier = 'core',
): Assignment => ({
  name,
  port: 8100,
  tier,
  status,
  reason: '',
  pid: 1,
  started_at: null,
  last_check: null,
  failures: 0,
  restarts: 0,
  health_url: null,
  metrics_url: null,
});

export const fixtureStatus = (kernels: Assignment[] = []): GuardianStatus => ({
  pid: process.pid,
  started_at: new Date(Date.now() - 60_000).toISOString(),
  profile: 'user',
  version: '0.0.0',
  state: 'running',
  check_interval_s: 60,
  kernels,
  processes: [fixtureAssignment('gateway', 'healthy', 'process')],
});
