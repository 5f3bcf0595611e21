import { describe, expect, it } from 'vitest';
import { DETECTOR_RATES } from './detector-rates.ts';
import { drawWindow, WINDOW_KINDS } from './labelled-windows.ts';
import { DETECTORS, scoreDetectors } from './score-detectors.ts';

describe('the labelled windows', () => {
  it('are the same for the same seed and others for another', () => {
    const [kind] = WINDOW_KINDS;
    const latencies = (seed: number) => [...drawWindow(kind!, seed).values('latency_ms')];
    expect(latencies(3)).toEqual(latencies(3));
    expect(latencies(3)).not.toEqual(latencies(4));
  });

  it('have a kind for each detector to find, and kinds where it has to be silent', () => {
    for (const name of DETECTORS) {
      expect(WINDOW_KINDS.some((kind) => kind.positive.includes(name))).toBe(true);
      const silent = WINDOW_KINDS.filter(
        (kind) => !kind.positive.includes(name) && !kind.unscored.includes(name),
      );
      expect(silent.length).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('the detectors', () => {
  const scores = scoreDetectors(100, 5_000_000);

  it.each(DETECTORS)('keep what is stated of %s', (name) => {
    const { positives, found, negatives, false_alarms } = scores[name];
    expect(false_alarms / negatives).toBeLessThanOrEqual(DETECTOR_RATES[name].false_alarms);
    expect(found / positives).toBeGreaterThanOrEqual(DETECTOR_RATES[name].found);
  });

  it('take for a congested exchange only GPUs that were slowed down all at once', () => {
    expect(Object.keys(scores.comm_congestion.alarms_by_kind)).toEqual(['power cap']);
  });
});
