/** What a manifest is made of. */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

const PLAIN_KEY = /^[A-Za-z][\w./-]*$/;

const isEmpty = (value: Yaml): boolean =>
  typeof value === 'object' && (Array.isArray(value) ? value : Object.keys(value)).length === 0;

/** The lines of a value, without the indent of the place where they go. */
const linesOf = (value: Yaml): string[] => {
  if (typeof value !== 'object') return [JSON.stringify(value)];
  if (isEmpty(value)) return [Array.isArray(value) ? '[]' : '{}'];
  if (Array.isArray(value))
    return value.flatMap((item: Yaml) =>
      linesOf(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`),
    );
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = PLAIN_KEY.test(key) ? key : JSON.stringify(key);
    const lines = linesOf(inner);
    if (typeof inner !== 'object' || isEmpty(inner)) return [`${name}: ${lines[0]}`];
    return [`${name}:`, ...lines.map((line) => `  ${line}`)];
  });
};

/** A value as a document of YAML 1.2. Texts are in JSON's quotes, so that none of them can be taken for anything else. */
export const yamlOf = (value: Yaml): string => `${linesOf(value).join('\n')}\n`;
