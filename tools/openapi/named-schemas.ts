import * as contracts from '@holdfast/contracts';
import * as z from 'zod';

export type Json = Readonly<Record<string, unknown>>;
export type Direction = 'input' | 'output';

/** Turns zod schemas into JSON Schema 2020-12, and collects those that the contracts export under their own names. */
export interface NamedSchemas {
  convert(schema: z.ZodType, io: Direction): Json;
  /** Everything that was referred to so far, sorted by name. */
  components(): Json;
}

const PREFIX = '#/$defs/';

const componentName = (exported: string): string =>
  exported.charAt(0).toUpperCase() + exported.slice(1, -'Schema'.length);

/** `changeSchema` becomes the component `Change`. */
const namesOfExports = (): z.core.$ZodRegistry<{ id: string }> => {
  const names = z.registry<{ id: string }>();
  for (const [key, value] of Object.entries(contracts))
    if (key.endsWith('Schema') && value instanceof z.ZodType && !names.has(value))
      names.add(value, { id: componentName(key) });
  return names;
};

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A deep copy with every reference renamed and without the ids that zod leaves in definitions. */
const rewrite = (value: unknown, rename: (name: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, rename));
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string' && inner.startsWith(PREFIX))
      result[key] = `#/components/schemas/${rename(inner.slice(PREFIX.length))}`;
    else if (key !== '$schema' && !(key === 'id' && typeof inner === 'string'))
      result[key] = rewrite(inner, rename);
  }
  return result;
};

/** What a schema accepts differs from what it gives where it has defaults: such a name gets the suffix `Input`. */
export const createNamedSchemas = (): NamedSchemas => {
  const metadata = namesOfExports();
  const known = new Map<string, Json>();

  const define = (name: string, schema: Json): void => {
    const before = known.get(name);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(schema))
      throw new Error(`naming schemas: two different ones are called ${name}`);
    known.set(name, schema);
  };

  const generate = (schema: z.ZodType, io: Direction): Json =>
    z.toJSONSchema(schema, { io, metadata, unrepresentable: 'any' }) as Json;

  const sameBothWays = new Map<string, boolean>();
  const isSame = (name: string, schema: z.ZodType): boolean => {
    let same = sameBothWays.get(name);
    if (same === undefined) {
      same =
        JSON.stringify(generate(schema, 'input')) === JSON.stringify(generate(schema, 'output'));
      sameBothWays.set(name, same);
    }
    return same;
  };
  const byName = new Map<string, z.ZodType>(
    Object.entries(contracts)
      .filter(([key, value]) => key.endsWith('Schema') && value instanceof z.ZodType)
      .map(([key, value]) => [componentName(key), value as z.ZodType]),
  );

  return {
    convert(schema, io) {
      const { $defs, ...root } = generate(schema, io) as { $defs?: Record<string, Json> };
      const rename = (name: string): string =>
        io === 'input' && !isSame(name, byName.get(name)!) ? `${name}Input` : name;
      for (const [name, definition] of Object.entries($defs ?? {}))
        define(rename(name), rewrite(definition, rename) as Json);
      const id = metadata.get(schema)?.id;
      const converted = rewrite(root, rename) as Json;
      if (id === undefined) return converted;
      if (!('$ref' in converted)) define(rename(id), converted);
      return { $ref: `#/components/schemas/${rename(id)}` };
    },
    components: () =>
      Object.fromEntries([...known].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
  };
};
