import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knobOf } from '../knobs/knob-registry.ts';
import { CATALOG } from './catalog.ts';
import { readCatalog } from './read-catalog.ts';

const CHORD = {
  id: 'A',
  intent: 'x',
  risk_tier: 'safe',
  required_signals: [],
  invariants: [],
  knobs_touched: ['concurrency'],
};
const errorsOf = (...chords: unknown[]) =>
  readCatalog({ schema_version: 'chord_catalog.v1', chords }).errors;

describe('the catalog that ships', () => {
  it('is one that its own reader takes', () => {
    const reading = readCatalog(JSON.parse(JSON.stringify(CATALOG)));
    expect(reading).toEqual({
      errors: [],
      catalog: CATALOG,
      chord_count: 9,
      chord_ids: [
        'BURST-ABSORB',
        'COMM-CONGESTION',
        'DRIFT-RETUNE',
        'INPUT-STRAGGLER',
        'NEAR-HANG/TIMEOUT-GUARD',
        'NORMAL-HOLD',
        'RECOVER-RELOCK',
        'SCALAR',
        'TIMEOUT-GUARD',
      ],
    });
  });

  it('touches only knobs of the registry', () => {
    for (const knob of CATALOG.chords.flatMap((chord) => chord.knobs_touched))
      expect(knobOf(knob)).toBeDefined();
  });
});

describe('a catalog', () => {
  it('is refused when it carries target values or anything else unknown', () => {
    expect(errorsOf({ ...CHORD, targets: {} })).toEqual(["chords[0]: unknown field 'targets'"]);
    const reading = readCatalog({ schema_version: 'chord_catalog.v1', chords: [], extra: 1 });
    expect(reading.errors).toEqual(["unknown top-level field 'extra'"]);
    expect(reading.catalog).toBeUndefined();
  });

  it('is refused for a wrong version or chords that are no list', () => {
    expect(readCatalog({ schema_version: 'chord_catalog.v2', chords: {} }).errors).toEqual([
      "schema_version must be 'chord_catalog.v1'",
      'chords must be a list',
    ]);
    expect(readCatalog([]).errors).toEqual(['the catalog must be an object']);
  });

  it('is refused for every required field that is missing', () => {
    expect(errorsOf({})).toEqual(
      Object.keys(CHORD).map((field) => `chords[0]: missing required field '${field}'`),
    );
  });

  it('is refused for an id that comes twice, and still lists it once', () => {
    const reading = readCatalog({ schema_version: 'chord_catalog.v1', chords: [CHORD, CHORD] });
    expect(reading).toEqual({
      errors: ["chords[1]: duplicate chord id 'A'"],
      chord_ids: ['A'],
      chord_count: 2,
    });
  });

  it.each([
    ['id', 1],
    ['id', ''],
    ['intent', null],
    ['risk_tier', 'wild'],
    ['required_signals', 'drift'],
    ['invariants', [1]],
    ['knobs_touched', {}],
    ['cooldown_ms', true],
    ['cooldown_ms', -1],
    ['cooldown_ms', 1.5],
    ['budget', []],
    ['budget', { max_changes_per_hour: true }],
    ['budget', { require_comm_telemetry: 1 }],
    ['budget', { emergency_only: 'yes' }],
  ])('is refused when %s is %j', (field, value) => {
    const errors = errorsOf({ ...CHORD, [field]: value });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`chords[0]: ${field}`);
  });

  it('takes optional fields of the right type', () => {
    expect(errorsOf({ ...CHORD, cooldown_ms: 0, budget: { max_changes_per_hour: 0 } })).toEqual([]);
  });

  it('is read without an exception, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(readCatalog(json).errors).not.toEqual([]);
        expect(errorsOf(json)).not.toEqual([]);
      }),
    );
  });
});
