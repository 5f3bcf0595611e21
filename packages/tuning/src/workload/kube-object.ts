/** An object as the Kubernetes API gives it. Nothing about its inside is taken for granted. */
export type KubeObject = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys of objects and indexes of lists from the root of an object. */
export type ConcretePath = readonly (string | number)[];

/** As a concrete path; `*` stands for every key of an object or every item of a list. */
export type FieldPath = readonly string[];

export const valueAt = (root: unknown, path: ConcretePath): unknown =>
  path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
    return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, root);

const keysOf = (value: unknown): (string | number)[] => {
  if (Array.isArray(value)) return [...value.keys()];
  // A key of this name is no field of any workload, and writing under it would reach every object of the program.
  return isRecord(value) ? Object.keys(value).filter((key) => key !== '__proto__') : [];
};

/** Every place of `root` that a path means. A path without `*` means one place, whether or not it is there. */
export const expandPath = (root: unknown, path: FieldPath): ConcretePath[] =>
  path.reduce<ConcretePath[]>(
    (paths, key) =>
      key === '*'
        ? paths.flatMap((at) => keysOf(valueAt(root, at)).map((inner) => [...at, inner]))
        : paths.map((at) => [...at, key]),
    [[]],
  );

/** The annotations at a place that holds metadata, those that are text. */
export const annotationsAt = (root: unknown, path: ConcretePath): Record<string, string> => {
  const found = valueAt(root, [...path, 'metadata', 'annotations']);
  if (!isRecord(found)) return {};
  return Object.fromEntries(
    Object.entries(found).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
};
