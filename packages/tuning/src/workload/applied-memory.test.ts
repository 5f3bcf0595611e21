import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../chords/catalog.ts';
import { appliedAnnotations, readAppliedHistory } from './applied-memory.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;

describe('the memory of what was applied', () => {
  it('lies in annotations that Kubernetes takes and a person can read', () => {
    const annotations = appliedAnnotations(
      [],
      [
        { chord: 'NEAR-HANG/TIMEOUT-GUARD', knob: 'timeout_ms' },
        { chord: 'DRIFT-RETUNE', knob: 'grad_accum_steps' },
        { chord: 'DRIFT-RETUNE', knob: 'microbatch_size' },
      ],
      NOW,
    );
    expect(annotations).toEqual({
      'modekeeper/applied.NEAR-HANG.TIMEOUT-GUARD': '2026-03-01T12:00:00.000Z',
      'modekeeper/applied.DRIFT-RETUNE': '2026-03-01T12:00:00.000Z',
      'modekeeper/applied-log':
        '[{"chord":"NEAR-HANG/TIMEOUT-GUARD","at":"2026-03-01T12:00:00.000Z","knobs":["timeout_ms"]},' +
        '{"chord":"DRIFT-RETUNE","at":"2026-03-01T12:00:00.000Z","knobs":["grad_accum_steps","microbatch_size"]}]',
    });
  });

  it('is read back as it was written', () => {
    const chord = fc.constantFrom(...CATALOG.chords.map(({ id }) => id));
    const knob = fc.constantFrom('timeout_ms', 'concurrency');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ chord, knob }), { selector: JSON.stringify }),
        (actions) => {
          const read = readAppliedHistory(appliedAnnotations([], actions, NOW));
          const wanted = actions.map((action) => ({ ...action, at_ms: NOW }));
          expect(read).toHaveLength(wanted.length);
          expect(read).toEqual(expect.arrayContaining(wanted));
        },
      ),
    );
  });

  it('forgets the log after an hour and the last change of a chord never', () => {
    const first = appliedAnnotations([], [{ chord: 'SCALAR', knob: 'concurrency' }], NOW);
    const later = NOW + 61 * MINUTE;
    const second = {
      ...first,
      ...appliedAnnotations(
        readAppliedHistory(first),
        [{ chord: 'TIMEOUT-GUARD', knob: 'timeout_ms' }],
        later,
      ),
    };
    expect(readAppliedHistory(second)).toEqual([
      { chord: 'TIMEOUT-GUARD', knob: 'timeout_ms', at_ms: later },
      { chord: 'SCALAR', knob: '', at_ms: NOW },
    ]);
  });

  it('takes what another tool wrote without knobs', () => {
    const log = '[{"chord":"A","at":"2026-03-01T12:00:00Z"},{"chord":1},{"at":"x","chord":"B"},7]';
    expect(readAppliedHistory({ 'modekeeper/applied-log': log })).toEqual([
      { chord: 'A', knob: '', at_ms: NOW },
    ]);
  });

  it('is empty where nothing can be read', () => {
    for (const log of ['', '{}', 'null', '[', '[null]'])
      expect(readAppliedHistory({ 'modekeeper/applied-log': log })).toEqual([]);
    expect(readAppliedHistory({ 'modekeeper/applied.A': 'yesterday' })).toEqual([]);
  });
});
