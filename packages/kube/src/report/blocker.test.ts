import { expect, it } from 'vitest';
import { failure } from '../outcome.ts';
import { dryRunBlocker, outcomeDetail, readBlocker } from './blocker.ts';

it.each([
  ['', 'namespace_missing'],
  ['Error from server (NotFound): namespaces "ml" not found', 'namespace_missing'],
  [
    'Error from server (Forbidden): namespaces "ml" is forbidden: User "u" cannot get',
    'rbac_denied',
  ],
  ['Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout', 'unknown'],
  [
    'The connection to the server localhost:8080 was refused - did you specify the right host?',
    'unknown',
  ],
  ['error: You must be logged in to the server (Unauthorized)', 'unknown'],
  ['Unable to connect to the server: x509: certificate signed by unknown authority', 'unknown'],
  ['cannot ask the server: connect ECONNREFUSED 127.0.0.1:6443', 'unknown'],
  ['error: current-context is not set', 'unknown'],
] as const)('reading that fails with %j is %s', (stderr, kind) => {
  expect(readBlocker(failure(stderr), 'namespace_missing')).toBe(kind);
});

it('knows nothing of what was not answered in time', () => {
  expect(readBlocker(failure('timed out after 20 s', 124), 'deployment_missing')).toBe('unknown');
});

it.each([
  [
    'deployments.apps "a" is forbidden: User "u" cannot patch resource "deployments"',
    'rbac_denied',
  ],
  ['error: cannot patch deployments', 'rbac_denied'],
  ['Error from server (NotFound): namespaces "ml" not found', 'namespace_missing'],
  ['Error from server (NotFound): deployments.apps "a" not found', 'deployment_missing'],
  ['Error from server (Invalid): Deployment.apps "a" is invalid: spec.selector', 'dry_run_failed'],
  ['Error from server (Conflict): the object has been modified', 'dry_run_failed'],
  [
    'Error from server (Invalid): deployments.apps "a" is forbidden: ValidatingAdmissionPolicy "p" denied request: no',
    'dry_run_failed',
  ],
  [
    'Error from server (Forbidden): deployments.apps "a" is forbidden: admission webhook "w" denied the request: no',
    'dry_run_failed',
  ],
  [
    'Error from server (Forbidden): jobs.batch "a" is forbidden: exceeded quota: q, requested: pods=1',
    'dry_run_failed',
  ],
] as const)('a dry run that fails with %j is %s', (stderr, kind) => {
  expect(dryRunBlocker(failure(stderr))).toBe(kind);
});

it('tells the detail on one line of bounded length', () => {
  expect(outcomeDetail(failure(' a\n  b ', 3))).toBe('rc=3; stderr=a b');
  expect(outcomeDetail(failure(''))).toBe('rc=1');
  expect(outcomeDetail(failure('x'.repeat(9000))).length).toBeLessThan(450);
});
