import { expect, it } from 'vitest';
import { mergeHistories } from './session-history.ts';

const change = (chord: string, knob: string, at_ms: number) => ({ chord, knob, at_ms });
const made = { ...change('TIMEOUT-GUARD', 'timeout_ms', 2000.5), since_ms: 1000.5 };

it('takes a change that the workload tells of, and the session too, for one', () => {
  for (const knob of ['timeout_ms', '']) {
    const told = [change('TIMEOUT-GUARD', knob, 1500)];
    expect(mergeHistories(told, [made])).toEqual(told);
  }
});

it('keeps what only the session knows, and what the workload tells of another time, chord or knob', () => {
  for (const told of [
    change('TIMEOUT-GUARD', 'timeout_ms', 999),
    change('TIMEOUT-GUARD', 'timeout_ms', 2001),
    change('SCALAR', 'timeout_ms', 1500),
    change('TIMEOUT-GUARD', 'concurrency', 1500),
  ])
    expect(mergeHistories([told], [made])).toEqual([told, made]);
});
