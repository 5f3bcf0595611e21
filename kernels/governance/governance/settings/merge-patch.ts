export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396 section 2: null removes a member, mappings merge, everything else replaces. Neither side is changed. */
export const mergePatch = (target: Json, patch: Json): Json => {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else if (isJson(value)) {
      const below = merged.get(key);
      merged.set(key, mergePatch(isJson(below) ? below : {}, value));
    } else merged.set(key, value);
  }
  return Object.fromEntries(merged);
};

/** Takes empty mappings out: laid over something they change nothing. */
export const withoutEmpty = (value: Json): Json =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (!isJson(inner)) return [[key, inner]];
      const kept = withoutEmpty(inner);
      return Object.keys(kept).length === 0 ? [] : [[key, kept]];
    }),
  );
