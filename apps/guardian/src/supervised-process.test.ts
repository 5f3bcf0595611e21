import { expect, it } from 'vitest';
import { createSupervisor } from './supervisor.ts';

const silent = { info() {}, warn() {}, error() {} };
const timings = {
  check_interval_s: 60,
  liveness_interval_ms: 1_000,
  failure_threshold: 3,
  start_timeout_ms: 1_000,
  stop_timeout_ms: 1_000,
};

it('survives that a process cannot even be forked, and that its record cannot be written', async () => {
  const supervisor = createSupervisor({
    log: silent,
    record: () => Promise.reject(new Error('ENOSPC')),
    portsMessage: () => ({ type: 'ports', ports: {} }),
  });
  supervisor.add({
    name: 'message_bus',
    timings,
    start: () => {
      throw new Error('EMFILE');
    },
    init: () => Promise.reject(new Error('never asked')),
  });
  supervisor.start('message_bus');
  await supervisor.whenSettled();
  expect(supervisor.stateOf('message_bus')).toMatchObject({ status: 'failed', failures: 5 });
  expect(supervisor.stateOf('message_bus')?.reason).toContain('could not be started: EMFILE');
  expect([...supervisor.down()]).toEqual(['message_bus']);
  await supervisor.stop('message_bus');
  expect(supervisor.stateOf('message_bus')?.status).toBe('stopped');
});
