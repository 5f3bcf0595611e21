import { parseDuration } from '@holdfast/telemetry';
import type { FlagSpec, FlagTable } from './flag-spec.ts';
import { MkError } from './mk-error.ts';

const numberOf = (name: string, raw: string, spec: FlagSpec & { kind: 'number' }): number => {
  const value = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(raw.trim()) ? Number(raw) : Number.NaN;
  const { min = -Infinity, max = Infinity } = spec;
  const isFine =
    Number.isFinite(value) && value >= min && value <= max && !(spec.whole && value % 1 !== 0);
  if (isFine) return value;
  const wanted = spec.whole ? 'a whole number' : 'a number';
  const limits = [
    ...(spec.min === undefined ? [] : [`at least ${spec.min}`]),
    ...(spec.max === undefined ? [] : [`at most ${spec.max}`]),
  ];
  throw new MkError(`--${name} ${raw}: expected ${[wanted, ...limits].join(', ')}`);
};

const valueOf = (name: string, raw: string, spec: FlagSpec): unknown => {
  switch (spec.kind) {
    case 'number':
      return numberOf(name, raw, spec);
    case 'duration':
      return parseDuration(raw);
    case 'choice':
      if (spec.choices.includes(raw)) return raw;
      throw new MkError(`--${name} ${raw}: expected one of ${spec.choices.join(', ')}`);
    default:
      if (raw.includes('\0')) throw new MkError(`--${name}: must not hold a zero byte`);
      if (raw !== '') return raw;
      throw new MkError(`--${name}: must not be empty`);
  }
};

const defaultOf = (spec: FlagSpec): unknown => {
  if (spec.kind === 'switch') return false;
  if (spec.kind === 'list') return [];
  if (spec.kind === 'duration')
    return spec.default === undefined ? undefined : parseDuration(spec.default);
  return spec.default;
};

interface Word {
  readonly name: string;
  readonly inline: string | undefined;
}

const wordOf = (argument: string): Word => {
  const at = argument.indexOf('=');
  return at < 0
    ? { name: argument.slice(2), inline: undefined }
    : { name: argument.slice(2, at), inline: argument.slice(at + 1) };
};

/**
 * Values of the flags of a table: `--name value` or `--name=value`; a switch takes no value. Throws MkError for an
 * unknown flag, a flag that is given twice, a missing or unusable value, a missing required flag, and a word that is none.
 */
export const parseFlags = (args: readonly string[], table: FlagTable): Record<string, unknown> => {
  const given = new Map<string, unknown>();
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    if (!argument.startsWith('--') || argument === '--')
      throw new MkError(`unexpected argument: ${argument}`);
    const { name, inline } = wordOf(argument);
    const spec = Object.hasOwn(table, name) ? table[name] : undefined;
    if (spec === undefined) throw new MkError(`unknown flag: --${name}`);
    if (given.has(name) && spec.kind !== 'list' && spec.kind !== 'switch')
      throw new MkError(`--${name} is given twice`);
    if (spec.kind === 'switch') {
      if (inline !== undefined) throw new MkError(`--${name} takes no value`);
      given.set(name, true);
      continue;
    }
    let raw = inline;
    if (raw === undefined) {
      at += 1;
      raw = args[at];
      if (raw === undefined || raw.startsWith('--')) throw new MkError(`--${name} needs a value`);
    }
    const value = valueOf(name, raw, spec);
    const before = (given.get(name) as unknown[] | undefined) ?? [];
    given.set(name, spec.kind === 'list' ? [...before, value] : value);
  }
  const missing = Object.keys(table).find((name) => table[name]?.required && !given.has(name));
  if (missing !== undefined) throw new MkError(`--${missing} is required`);
  return Object.fromEntries(
    Object.entries(table).map(([name, spec]) => [name, given.get(name) ?? defaultOf(spec)]),
  );
};
