import type { ConfigEntry } from '@holdfast/contracts';
import { state, table } from '../output.ts';

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const leaves = (value: Json, above = ''): [string, unknown][] =>
  Object.entries(value).flatMap(([key, inner]) =>
    isJson(inner) ? leaves(inner, `${above}${key}.`) : [[above + key, inner]],
  );

const shown = (value: unknown): string => (value === undefined ? '-' : JSON.stringify(value));

const difference = ({ patch, before }: ConfigEntry): string[] => {
  const was = new Map(leaves(before));
  const is = new Map(leaves(patch));
  return [...new Set([...is.keys(), ...was.keys()])].map((key) => {
    const next = is.get(key) ?? undefined;
    return `${key}: ${shown(was.get(key))} -> ${next === undefined ? 'as the profile has it' : shown(next)}`;
  });
};

/** One change of settings: what it sets, who wants it, how it stands. */
export const entryWords = (entry: ConfigEntry): string =>
  [
    `${entry.change}: ${state(entry.state)}, by ${entry.author} at ${entry.proposed_at}`,
    ...difference(entry).map((line) => `  ${line}`),
    entry.state === 'proposed'
      ? `  can be applied until ${entry.expires_at}`
      : `  ${entry.applied_at === null ? 'not in force' : `in force since ${entry.applied_at}, applied by ${entry.applied_by}`}`,
  ].join('\n');

export const historyTable = (items: readonly ConfigEntry[]): string =>
  items.length === 0
    ? 'no changes of settings yet'
    : table(
        ['CHANGE', 'STATE', 'AUTHOR', 'PROPOSED', 'WHAT'],
        items.map((entry) => [
          entry.change,
          state(entry.state),
          entry.author,
          entry.proposed_at,
          difference(entry).join(', ').slice(0, 100),
        ]),
      );

/** Settings as dotted keys, one a line. */
export const settingsLines = (effective: Json): string =>
  leaves(effective)
    .map(([key, value]) => `  ${key} = ${shown(value)}`)
    .join('\n');
