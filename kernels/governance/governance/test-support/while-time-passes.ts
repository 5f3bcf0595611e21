import type { FakeClock } from '@holdfast/testkit';

/** Lets the time of a fake clock pass until something happened. */
export const whileTimePasses = async <T>(clock: FakeClock, happening: Promise<T>): Promise<T> => {
  let over = false;
  const ended = happening.finally(() => (over = true));
  while (!over) await clock.advance(1_000);
  return ended;
};
