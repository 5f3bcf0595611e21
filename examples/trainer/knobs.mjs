import { readFileSync } from 'node:fs';

/** Annotations with this prefix are knobs; the rest of the key is the knob's name. */
const PREFIX = 'modekeeper/knob.';

/** Knobs that this trainer obeys: range, and the value where no annotation says another. The ranges are those of `mk`. */
export const KNOBS = {
  concurrency: { min: 1, max: 64, start: 8 },
  dataloader_num_workers: { min: 1, max: 16, start: 4 },
  dataloader_prefetch_factor: { min: 1, max: 8, start: 2 },
  grad_accum_steps: { min: 1, max: 64, start: 4 },
  microbatch_size: { min: 1, max: 256, start: 32 },
};

export const START = Object.fromEntries(
  Object.entries(KNOBS).map(([name, { start }]) => [name, start]),
);

const SHORT = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Undoes the quoting that the kubelet applies to a value (a Go string literal). */
const unquote = (text) =>
  text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g,
    (_whole, byte, short, long, one) =>
      one === undefined
        ? String.fromCodePoint(Number.parseInt(byte ?? short ?? long, 16))
        : (SHORT[one] ?? one),
  );

/** The lines `key="value"` of a Downward API file. A line of another shape is passed over. */
export const parseAnnotations = (text) => {
  const annotations = new Map();
  for (const line of text.split('\n')) {
    const found = /^([^=\s]+)="((?:[^"\\]|\\.)*)"$/.exec(line.trim());
    if (found) annotations.set(found[1], unquote(found[2]));
  }
  return annotations;
};

/** `undefined` where there is no such file. */
export const readAnnotations = (path) => {
  try {
    return parseAnnotations(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

/**
 * Knobs from annotations. A value that is no whole number in its range changes nothing: `previous` stands, and the value
 * is named in `rejected`. Knobs that this trainer does not have are shown in `unused`.
 */
export const readKnobs = (annotations, previous = START) => {
  const knobs = { ...START };
  const rejected = [];
  const unused = [];
  for (const [key, value] of annotations) {
    if (!key.startsWith(PREFIX)) continue;
    const name = key.slice(PREFIX.length);
    const range = Object.hasOwn(KNOBS, name) ? KNOBS[name] : undefined;
    if (!range) {
      unused.push(`${key}=${value}`);
      continue;
    }
    const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
    const usable = number >= range.min && number <= range.max;
    knobs[name] = usable ? number : previous[name];
    if (!usable)
      rejected.push(`${key}=${value}: not a whole number from ${range.min} to ${range.max}`);
  }
  return { knobs, rejected, unused };
};

/** `modekeeper/knob.NAME=VALUE`, sorted by name: what somebody looks for in the log. */
export const knobTexts = (knobs) =>
  Object.keys(knobs)
    .sort()
    .map((name) => `${PREFIX}${name}=${knobs[name]}`);
