import { isRecord } from './kube-object.ts';

type Patch = Record<string, unknown>;

const inverseField = (forward: unknown, original: Patch, key: string): unknown => {
  const held = Object.hasOwn(original, key) ? original[key] : undefined;
  // A map that was not there is emptied key by key: others may have put keys of their own into it since.
  if (isRecord(forward) && (held === undefined || isRecord(held)))
    return inversePatch(forward, held ?? {});
  return held === undefined ? null : structuredClone(held);
};

/**
 * The merge patch (RFC 7386) that takes back what `forward` does to `original`: every field it sets gets its captured
 * value, null where there was none, which removes it. Fields that `forward` does not name are left to others. Maps that
 * `forward` made stay behind, empty. An `original` with null in it, which no Kubernetes object has, cannot be restored.
 */
export const inversePatch = (forward: Patch, original: Patch): Patch =>
  Object.fromEntries(
    Object.keys(forward).map((key) => [key, inverseField(forward[key], original, key)]),
  );
