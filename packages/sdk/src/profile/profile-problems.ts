import { HoldfastError, KERNEL_IDS, isKernelId, profileSchema } from '@holdfast/contracts';
import * as z from 'zod';

/** The same schema with every key optional at every depth: what one file of a chain may hold. */
const partial = (schema: z.ZodType): z.ZodType => {
  if (schema instanceof z.ZodOptional) return partial(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodRecord) {
    return z.record(z.string(), partial(schema.valueType as z.ZodType));
  }
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>);
  return z.strictObject(
    Object.fromEntries(shape.map(([key, value]) => [key, partial(value).optional()])),
  );
};

const SCHEMAS = { part: partial(profileSchema), whole: profileSchema as z.ZodType };

const got = (value: unknown): string => {
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `the text ${JSON.stringify(value.slice(0, 40))}` : `${value}`;
};

const EXPECTED: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

const describe = (issue: z.core.$ZodIssue, value: unknown): string => {
  if (value === undefined) return 'neither this profile nor one that it inherits from sets it';
  if (issue.code === 'invalid_type') {
    return `expected ${EXPECTED[issue.expected] ?? issue.expected}, got ${got(value)}`;
  }
  if (issue.code === 'invalid_value') {
    return `expected one of ${issue.values.map(String).join(', ')}, got ${got(value)}`;
  }
  if (issue.code === 'too_small') {
    return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, got ${got(value)}`;
  }
  return `${issue.message.toLowerCase()}, got ${got(value)}`;
};

const valueAt = (content: unknown, path: readonly PropertyKey[]): unknown => {
  let value = content;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
};

/**
 * Everything that the profile schema has against a content, each problem with the file and the full dotted key.
 * `part` is one file of a chain and may leave keys out; `whole` is the merged profile.
 */
export const profileProblems = (
  file: string,
  content: unknown,
  as: 'part' | 'whole',
): HoldfastError[] => {
  const problem = (path: readonly PropertyKey[], detail: string): HoldfastError =>
    new HoldfastError('profile_invalid', { file, key: path.map(String).join('.'), detail });
  const parsed = SCHEMAS[as].safeParse(content);
  const issues = parsed.success ? [] : parsed.error.issues;
  const problems = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => problem([...issue.path, key], 'unknown key'))
      : [problem(issue.path, describe(issue, valueAt(content, issue.path)))],
  );
  const kernels = valueAt(content, ['kernels']);
  for (const id of Object.keys(typeof kernels === 'object' && kernels !== null ? kernels : {})) {
    if (isKernelId(id)) continue;
    problems.push(
      problem(['kernels', id], `there is no kernel of that id; known: ${KERNEL_IDS.join(', ')}`),
    );
  }
  return problems;
};
