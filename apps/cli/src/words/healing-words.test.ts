import type { HealingResult, Incident } from '@holdfast/contracts';
import { expect, test } from 'vitest';
import {
  healingStatsWords,
  healingWords,
  incidentTable,
  kernelTable,
  pausedWords,
  reloadWords,
  seconds,
} from './healing-words.ts';

// eslint-disable-next-line no-control-regex
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

const result: HealingResult = {
  issue: { component: 'librarian_kernel', port: 8130, type: 'port_not_listening' },
  playbooks_executed: ['diagnose_network', 'restart_component'],
  results: [
    {
      playbook: 'diagnose_network',
      success: true,
      action_taken: 'looked at port 8130',
      steps: ['nobody listens'],
      duration_ms: 3.4,
      details: {},
    },
    {
      playbook: 'restart_component',
      success: false,
      action_taken: 'started pid 12',
      steps: [],
      error: 'it did not answer in 10 s',
      duration_ms: 10_000.2,
      details: {},
    },
  ],
  overall_success: false,
};

const incident: Incident = {
  incident_id: 'inc_1',
  component: 'librarian_kernel',
  port: 8130,
  failure_mode: 'process_crashed',
  severity: 'high',
  status: 'resolved',
  description: 'ended by SIGKILL',
  detected_at: '2026-11-21T05:00:00.000Z',
  resolved_at: '2026-11-21T05:00:00.008Z',
  playbook_id: 'restart_component',
  playbook_name: 'RestartComponentPlaybook',
  actions_taken: [],
  attempts: 1,
  escalated: false,
  success: true,
  error: null,
  mttr_seconds: 0.008,
  metadata: {},
};

test('a heal tells what each playbook did, and that it did not help', () => {
  const words = healingWords({
    component: 'librarian_kernel',
    success: false,
    error: null,
    healing_result: result,
  });
  expect(plain(words).split('\n')).toEqual([
    'librarian_kernel on port 8130, port_not_listening: not healed',
    '  diagnose_network: done in 3 ms - looked at port 8130',
    '    nobody listens',
    '  restart_component: failed in 10000 ms - started pid 12',
    '    it did not answer in 10 s',
  ]);
});

test('an outage shows how long its repair took, or that a person is asked for', () => {
  const lines = plain(
    incidentTable([
      incident,
      { ...incident, status: 'failed', escalated: true, mttr_seconds: null, error: 'crash loop' },
    ]),
  ).split('\n');
  expect(lines[1]).toMatch(/inc_1 .*resolved .*8 ms .*ended by SIGKILL$/);
  expect(lines[2]).toMatch(/failed \(escalated\) .* - .*crash loop$/);
  expect(incidentTable([])).toBe('no incidents');
});

test('a kernel that does not run has no port, pid or start, but a reason', () => {
  const line = plain(
    kernelTable([
      {
        name: 'crypto_kernel',
        port: null,
        tier: 'governance',
        status: 'not_installed',
        reason: 'not in this build',
        pid: null,
        started_at: null,
        last_check: null,
        failures: 0,
        restarts: 0,
        health_url: null,
        metrics_url: null,
      },
    ]),
  ).split('\n')[1];
  expect(line).toMatch(/^crypto_kernel +governance +- +not_installed +- +0 +- +not in this build$/);
});

test('says what is paused, what was replaced, and how long things took', () => {
  expect(pausedWords({})).toBe('automatic restarts are on');
  expect(pausedWords({ governance: '2026-11-21T05:00:00.000Z' })).toContain(
    'governance are paused',
  );
  expect(reloadWords({ reloaded: [], guardian_follows: false })).toContain('nothing was running');
  expect(
    plain(
      reloadWords({
        reloaded: [{ component: 'gateway', old_pid: 1, new_pid: 2, duration_ms: 41.6 }],
        guardian_follows: true,
      }),
    ),
  ).toMatch(/gateway +1 +2 +42 ms\nthe guardian replaces itself now$/);
  expect([seconds(null), seconds(0.0084), seconds(61.25)]).toEqual(['-', '8 ms', '61.3 s']);
});

test('statistics name who asked for a healing', () => {
  const record = {
    healing_id: 'heal_1',
    trigger: 'requested' as const,
    actor: 'owner',
    component: 'governance',
    port: 8110,
    issue_type: 'process_crashed' as const,
    severity: 'medium' as const,
    started_at: '2026-11-21T05:00:00.000Z',
    healed_at: '2026-11-21T05:00:01.000Z',
    duration_seconds: 1,
    result,
    success: true,
    error: null,
  };
  const words = plain(
    healingStatsWords({
      total_healings: 2,
      successful_healings: 2,
      failed_healings: 0,
      active_healings: 0,
      paused: {},
      recent_healings: [record, { ...record, trigger: 'automatic' }],
    }),
  );
  expect(words).toContain('2 healings: 2 healed, 0 not, 0 running');
  expect(words).toMatch(/process_crashed +owner +1.0 s +healed\n/);
  expect(words).toMatch(/process_crashed +guardian +1.0 s +healed$/);
});
