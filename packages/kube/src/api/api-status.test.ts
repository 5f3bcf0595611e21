import { expect, it } from 'vitest';
import { refusal } from './api-status.ts';

it('passes on the reason and the message of a Status', () => {
  const body = { kind: 'Status', code: 409, reason: 'Conflict', message: 'it was modified' };
  expect(refusal(409, JSON.stringify(body))).toEqual({
    ok: false,
    rc: 1,
    stdout: '',
    stderr: 'Error from server (Conflict): it was modified',
    reason: 'Conflict',
  });
});

it('makes the best of an answer that is no Status', () => {
  const page = `<html>${'x'.repeat(9000)}</html>`;
  expect(refusal(503, page).stderr).toMatch(/^Error from server \(ServiceUnavailable\): <html>x+$/);
  expect(refusal(503, page).stderr.length).toBeLessThan(500);
  expect(refusal(418, '').stderr).toBe('Error from server: HTTP 418');
  expect(refusal(403, '{"message":"no Status"}').reason).toBe('Forbidden');
});
