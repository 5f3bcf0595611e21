import { isRecord } from '../files/parse-json-line.ts';

export type OtlpObject = Readonly<Record<string, unknown>>;

/** The objects of a list field; a missing list is an empty one (proto3). */
export const listOf = (object: OtlpObject, field: string): OtlpObject[] => {
  const list = object[field];
  return Array.isArray(list) ? list.filter(isRecord) : [];
};

/** A 64-bit integer, which JSON carries as text or number; NaN for anything else. */
export const countOf = (value: unknown): number => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
};

/** `[{key, value: {stringValue | intValue | boolValue | doubleValue}}]` as names and texts; other values are left out. */
export const attributesOf = (attributes: unknown): Record<string, string> => {
  const texts = (Array.isArray(attributes) ? attributes.filter(isRecord) : []).flatMap(
    ({ key, value }) => {
      if (typeof key !== 'string' || !isRecord(value)) return [];
      const scalar = Object.values(value)[0];
      return ['string', 'number', 'boolean'].includes(typeof scalar)
        ? [[key, String(scalar)] as const]
        : [];
    },
  );
  return Object.fromEntries(texts);
};
