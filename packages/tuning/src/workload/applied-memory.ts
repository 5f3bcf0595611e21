import { CATALOG } from '../chords/catalog.ts';
import type { Action } from '../policies/action.ts';
import type { AppliedChange } from '../safety/workload-state.ts';
import { isRecord } from './kube-object.ts';

/**
 * Cooldowns and budgets outlive the process: what was applied is noted on the workload itself, never on its pod
 * template, where it would start a rollout. The prefix and a chord id with `/` as `.` carries the time of the last
 * change under the chord; the log carries all of the last hour.
 */
export const APPLIED_ANNOTATION = 'modekeeper/applied.';
export const APPLIED_LOG_ANNOTATION = 'modekeeper/applied-log';

const KEPT_MS = 3_600_000;
/** More changes an hour than any budget allows; keeps the annotation small. */
const MAX_LOGGED = 256;

const keyOf = (chord: string): string => `${APPLIED_ANNOTATION}${chord.replaceAll('/', '.')}`;

/** The chord that an annotation key stands for: `.` in it may be the `/` of a known id. */
const chordOfKey = (key: string): string =>
  CATALOG.chords.find((chord) => keyOf(chord.id) === key)?.id ??
  key.slice(APPLIED_ANNOTATION.length);

const parseLog = (text: string | undefined): unknown[] => {
  try {
    const log: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(log) ? log : [];
  } catch {
    return [];
  }
};

const changesOfEntry = (entry: unknown): AppliedChange[] => {
  if (!isRecord(entry) || typeof entry['chord'] !== 'string') return [];
  const { chord, at, knobs } = entry as { chord: string; at: unknown; knobs: unknown };
  const atMs = Date.parse(String(at));
  if (Number.isNaN(atMs)) return [];
  const named = Array.isArray(knobs) ? knobs.filter((knob) => typeof knob === 'string') : [];
  return (named.length === 0 ? [''] : named).map((knob) => ({ chord, knob, at_ms: atMs }));
};

/** The changes that a workload's own annotations tell of. What cannot be read tells of none. */
export const readAppliedHistory = (
  annotations: Readonly<Record<string, string>>,
): AppliedChange[] => {
  const logged = parseLog(annotations[APPLIED_LOG_ANNOTATION]).flatMap(changesOfEntry);
  const last = Object.entries(annotations).flatMap(([key, text]): AppliedChange[] => {
    const atMs = key.startsWith(APPLIED_ANNOTATION) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(atMs)) return [];
    const chord = chordOfKey(key);
    const known = logged.some((change) => change.chord === chord && change.at_ms === atMs);
    return known ? [] : [{ chord, knob: '', at_ms: atMs }];
  });
  return [...logged, ...last];
};

/**
 * Annotations for the workload's metadata that add `actions`, applied at `nowMs`, to its history; entries older than an
 * hour leave the log. To be sent with the patch that applies them.
 */
export const appliedAnnotations = (
  history: readonly AppliedChange[],
  actions: readonly Pick<Action, 'chord' | 'knob'>[],
  nowMs: number,
): Record<string, string> => {
  const applied = actions.map(({ chord, knob }) => ({ chord, knob, at_ms: nowMs }));
  const entries = new Map<string, { chord: string; at: string; knobs: string[] }>();
  for (const { chord, knob, at_ms } of [...history, ...applied]) {
    if (nowMs - at_ms >= KEPT_MS) continue;
    const at = new Date(at_ms).toISOString();
    const entry = entries.get(`${at} ${chord}`) ?? { chord, at, knobs: [] };
    if (knob !== '' && !entry.knobs.includes(knob)) entry.knobs.push(knob);
    entries.set(`${at} ${chord}`, entry);
  }
  const stamps = applied.map(({ chord }) => [keyOf(chord), new Date(nowMs).toISOString()]);
  return {
    ...(Object.fromEntries(stamps) as Record<string, string>),
    [APPLIED_LOG_ANNOTATION]: JSON.stringify([...entries.values()].slice(-MAX_LOGGED)),
  };
};
