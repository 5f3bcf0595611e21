/**
 * Every random decision of a history, as a pure function of its seed, the name of the place where it is made, and how
 * often that place was asked before. To leave out one fault does not move what the other places draw.
 */
export interface Site {
  /** 0 <= value < 1. */
  draw(): number;
  /** 0 <= value < limit, whole. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
  /** A fault that happens with this probability, unless it is left out or all is calm. */
  strike(probability: number): boolean;
}

export interface Draws {
  readonly seed: number;
  site(name: string): Site;
  /** Names of the faults that struck so far, in order. */
  readonly struck: readonly string[];
  /** From now on nothing strikes. */
  calm(): void;
}

const GOLDEN = 0x9e3779b9;
const hashes = new Map<string, number>();

const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

const hashOf = (name: string): number => {
  const known = hashes.get(name);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1)
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hashes.set(name, mix(hash));
  return mix(hash);
};

/** `leftOut`: names of faults (as in `struck`) that do not happen; `mostFaults`: when so many struck, all is calm. */
export const createDraws = (
  seed: number,
  leftOut: ReadonlySet<string> = new Set(),
  mostFaults = Infinity,
): Draws => {
  const base = mix(mix(seed | 0) ^ Math.floor(seed / 4_294_967_296));
  const sites = new Map<string, Site>();
  const struck: string[] = [];
  let isCalm = false;

  const createSite = (name: string): Site => {
    let state = mix(base ^ hashOf(name));
    let asked = 0;
    const draw = (): number => {
      state = (state + GOLDEN) >>> 0;
      return mix(state ^ base) / 4_294_967_296;
    };
    const below = (limit: number): number => Math.floor(draw() * limit);
    return {
      draw,
      below,
      pick: (items) => items[below(items.length)]!,
      chance: (probability) => draw() < probability,
      strike(probability) {
        asked += 1;
        const hit = draw() < probability;
        if (!hit || isCalm) return false;
        const fault = `${name}#${asked}`;
        if (leftOut.has(fault)) return false;
        struck.push(fault);
        if (struck.length >= mostFaults) isCalm = true;
        return true;
      },
    };
  };

  return {
    seed,
    struck,
    site(name) {
      const known = sites.get(name);
      if (known) return known;
      const made = createSite(name);
      sites.set(name, made);
      return made;
    },
    calm() {
      isCalm = true;
    },
  };
};
