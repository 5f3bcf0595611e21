import { isRecord } from './outcome.ts';

/** RFC 7386: `null` removes, objects are merged, everything else (lists too) replaces. Neither argument is changed. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isRecord(patch)) return patch;
  const merged = new Map(Object.entries(isRecord(target) ? target : {}));
  for (const [key, value] of Object.entries(patch))
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  return Object.fromEntries(merged);
};

/** The patch with `metadata.resourceVersion` in it: the server then refuses it for any other version. */
export const withPrecondition = (
  patch: Record<string, unknown>,
  resourceVersion: string | undefined,
): Record<string, unknown> =>
  resourceVersion === undefined
    ? patch
    : (mergePatch(patch, { metadata: { resourceVersion } }) as Record<string, unknown>);
