import { describe, expect, it } from 'vitest';
import { freshNotes, newChange, type ChangeRecord } from './change-record.ts';
import { createKnownRecords } from './known-records.ts';

const record = (id: string, version = 1): ChangeRecord => ({
  change: {
    ...newChange({
      id,
      kind: 'packages.repair',
      target: { host: 'web-1' },
      intent: {},
      proposed_by: 'ann',
      now: 0,
      ttl_s: 60,
    }),
    version,
  },
  notes: freshNotes,
});

describe('known records', () => {
  it('keep the newest version, whatever comes late', () => {
    const known = createKnownRecords();
    known.keep(record('chg_1', 2));
    known.keep(record('chg_1', 1));
    expect(known.get('chg_1')?.change.version).toBe(2);
    known.keep(record('chg_1', 3));
    expect(known.get('chg_1')?.change.version).toBe(3);
  });

  it('forget what a write may have changed', () => {
    const known = createKnownRecords();
    known.keep(record('chg_1', 2));
    known.forget('chg_1');
    expect(known.get('chg_1')).toBeUndefined();
    known.keep(record('chg_1', 1));
    expect(known.get('chg_1')?.change.version).toBe(1);
  });

  it('leave out what was read before a write went wrong: it may be what was there before that write', () => {
    const known = createKnownRecords();
    const early = known.reading();
    known.forget('chg_1');
    early(record('chg_1', 1));
    expect(known.get('chg_1')).toBeUndefined();
    known.reading()(record('chg_1', 2));
    expect(known.get('chg_1')?.change.version).toBe(2);
  });

  it('leave out what was read before a newer version of it went out of memory', () => {
    const known = createKnownRecords();
    const early = known.reading();
    known.keep(record('chg_1', 2));
    for (let n = 2; n < 1_000; n += 1) known.keep(record(`chg_${n}`));
    early(record('chg_1', 1));
    expect(known.get('chg_1')).toBeUndefined();
  });

  it('are bounded: those that were kept first go first', () => {
    const known = createKnownRecords();
    for (let n = 0; n < 1_000; n += 1) known.keep(record(`chg_${n}`));
    expect(known.get('chg_0')).toBeUndefined();
    expect(known.get('chg_999')).toBeDefined();
  });
});
