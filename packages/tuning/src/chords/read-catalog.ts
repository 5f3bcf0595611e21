import { CATALOG_VERSION, type ChordCatalog } from './chord-catalog.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isTextList: Check = (value) => Array.isArray(value) && value.every(isText);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

const BUDGET_FIELDS: Readonly<Record<string, { is: Check; what: string }>> = {
  max_changes_per_hour: { is: isCount, what: 'a count' },
  require_comm_telemetry: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  emergency_only: { is: (value) => typeof value === 'boolean', what: 'true or false' },
};

const CHORD_FIELDS: Readonly<Record<string, { required: boolean; is: Check; what: string }>> = {
  id: { required: true, is: (value) => isText(value) && value !== '', what: 'text' },
  intent: { required: true, is: isText, what: 'text' },
  risk_tier: {
    required: true,
    is: (value) => value === 'safe' || value === 'advanced',
    what: "'safe' or 'advanced'",
  },
  required_signals: { required: true, is: isTextList, what: 'a list of texts' },
  invariants: { required: true, is: isTextList, what: 'a list of texts' },
  knobs_touched: { required: true, is: isTextList, what: 'a list of texts' },
  cooldown_ms: { required: false, is: isCount, what: 'a whole number of milliseconds, 0 or more' },
  budget: { required: false, is: isRecord, what: 'an object' },
};

const TOP_FIELDS = ['schema_version', 'chords'];

const budgetErrors = (at: string, budget: unknown): string[] =>
  !isRecord(budget)
    ? []
    : Object.entries(BUDGET_FIELDS)
        .filter(([field, { is }]) => Object.hasOwn(budget, field) && !is(budget[field]))
        .map(([field, { what }]) => `${at}: budget.${field} must be ${what}`);

const chordErrors = (chord: unknown, at: string): string[] => {
  if (!isRecord(chord)) return [`${at}: a chord must be an object`];
  const errors = Object.keys(chord)
    .filter((field) => !Object.hasOwn(CHORD_FIELDS, field))
    .map((field) => `${at}: unknown field '${field}'`);
  for (const [field, { required, is, what }] of Object.entries(CHORD_FIELDS)) {
    if (!Object.hasOwn(chord, field)) {
      if (required) errors.push(`${at}: missing required field '${field}'`);
    } else if (!is(chord[field])) errors.push(`${at}: ${field} must be ${what}`);
  }
  return [...errors, ...budgetErrors(at, chord['budget'])];
};

const duplicateErrors = (chords: readonly unknown[]): string[] => {
  const seen = new Set<string>();
  return chords.flatMap((chord, index) => {
    const id = isRecord(chord) ? chord['id'] : undefined;
    if (typeof id !== 'string') return [];
    if (seen.has(id)) return [`chords[${index}]: duplicate chord id '${id}'`];
    seen.add(id);
    return [];
  });
};

export interface CatalogReading {
  /** Every fault found, in the order of the document; empty when the catalog is good. */
  errors: string[];
  /** Present exactly when there are no errors. */
  catalog?: ChordCatalog;
  /** Ids found, sorted, each once, also of a catalog with faults. */
  chord_ids: string[];
  /** Entries of `chords`, good or not. */
  chord_count: number;
}

const NO_OBJECT = 'the catalog must be an object';

/** Reads a parsed catalog document. It carries guard rails only: a target value is an unknown field. */
export const readCatalog = (json: unknown): CatalogReading => {
  if (!isRecord(json)) return { errors: [NO_OBJECT], chord_ids: [], chord_count: 0 };
  const errors = Object.keys(json)
    .filter((field) => !TOP_FIELDS.includes(field))
    .map((field) => `unknown top-level field '${field}'`);
  if (json['schema_version'] !== CATALOG_VERSION)
    errors.push(`schema_version must be '${CATALOG_VERSION}'`);
  if (!Array.isArray(json['chords'])) errors.push('chords must be a list');
  const chords: unknown[] = Array.isArray(json['chords']) ? json['chords'] : [];
  errors.push(...chords.flatMap((chord, index) => chordErrors(chord, `chords[${index}]`)));
  errors.push(...duplicateErrors(chords));
  const ids = chords.flatMap((chord) =>
    isRecord(chord) && typeof chord['id'] === 'string' ? [chord['id']] : [],
  );
  return {
    errors,
    ...(errors.length === 0 ? { catalog: json as unknown as ChordCatalog } : {}),
    chord_ids: [...new Set(ids)].sort(),
    chord_count: chords.length,
  };
};
