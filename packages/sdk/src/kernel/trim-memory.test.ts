import { createFakeClock } from '@holdfast/testkit';
import { expect, test } from 'vitest';
import { trimMemoryAfterStart } from './trim-memory.ts';

test('gives memory back twice and leaves the process running', async () => {
  const clock = createFakeClock();
  const stop = new AbortController();
  let finished = false;
  const trimming = trimMemoryAfterStart(clock, stop.signal).then(() => (finished = true));
  await clock.advance(1_500);
  expect(finished).toBe(false);
  await clock.advance(10_000);
  await trimming;
  expect(finished).toBe(true);
});

test('ends at once when the kernel stops', async () => {
  const stop = new AbortController();
  const trimming = trimMemoryAfterStart(createFakeClock(), stop.signal);
  stop.abort();
  await expect(trimming).resolves.toBeUndefined();
});
