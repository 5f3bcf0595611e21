import { IDEMPOTENCY_HEADER, gatewayApi, type Op, type Route } from '@holdfast/contracts';
import type { Json, NamedSchemas } from './named-schemas.ts';
import { errorAnswers, errorCodesOf } from './operation-errors.ts';

const PARAMETER = /\{(\w+)\}/g;
const STREAM_TYPES = { sse: 'text/event-stream', ndjson: 'application/x-ndjson' } as const;

const hasBody = (op: Op): boolean => op.method === 'POST' || op.method === 'PUT';

interface Input {
  readonly properties: Readonly<Record<string, Json>>;
  readonly required: readonly string[];
  readonly rest: Json;
}

/** Inputs are objects; a reference would hide which of its members are in the path. */
const readInput = (op: Op, schemas: NamedSchemas): Input => {
  const converted = schemas.convert(op.input, 'input') as { $ref?: string };
  const target = converted.$ref?.split('/').at(-1);
  const schema = (target === undefined ? converted : schemas.components()[target]) as Json;
  const { properties = {}, required = [], ...rest } = schema;
  return {
    properties: properties as Input['properties'],
    required: required as Input['required'],
    rest,
  };
};

const headerParameter = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

const parametersOf = (op: Op, input: Input, inPath: readonly string[]): Json[] => {
  const one = (name: string, where: 'path' | 'query'): Json => ({
    name,
    in: where,
    required: where === 'path' || input.required.includes(name),
    schema: input.properties[name] ?? { type: 'string' },
  });
  const query = hasBody(op)
    ? []
    : Object.keys(input.properties).filter((name) => !inPath.includes(name));
  const headers = [
    ...(op.idempotent
      ? [headerParameter(IDEMPOTENCY_HEADER, 'The same key and input give the first answer again')]
      : []),
    ...(op.stream === 'sse'
      ? [headerParameter('last-event-id', 'Replays what came after this event')]
      : []),
  ];
  return [
    ...inPath.map((name) => one(name, 'path')),
    ...query.map((name) => one(name, 'query')),
    ...headers,
  ];
};

const bodyOf = (op: Op, input: Input, inPath: readonly string[]): Json => {
  if (!hasBody(op)) return {};
  const names = Object.keys(input.properties).filter((name) => !inPath.includes(name));
  if (names.length === 0) return {};
  const required = input.required.filter((name) => names.includes(name));
  const schema = {
    ...input.rest,
    properties: Object.fromEntries(names.map((name) => [name, input.properties[name]])),
    ...(required.length === 0 ? {} : { required }),
  };
  return {
    requestBody: { required: required.length > 0, content: { 'application/json': { schema } } },
  };
};

/** One operation as an OpenAPI operation object. */
export const describeOperation = ({ api, name, op }: Route, schemas: NamedSchemas): Json => {
  const inPath = [...op.path.matchAll(PARAMETER)].map((match) => match[1]!);
  const input = readInput(op, schemas);
  const type = op.stream ? STREAM_TYPES[op.stream] : 'application/json';
  const isOwn = api.kernel === gatewayApi.kernel;
  return {
    operationId: name,
    summary: op.summary,
    tags: [api.kernel],
    'x-holdfast-role': op.role,
    'x-holdfast-risk': op.risk,
    security: op.role === 'anyone' ? [] : [{ token: [] }],
    parameters: parametersOf(op, input, inPath),
    ...bodyOf(op, input, inPath),
    responses: {
      [String(op.status ?? 200)]: {
        description: op.stream ? 'A stream, one record at a time' : 'Done',
        content: { [type]: { schema: schemas.convert(op.output, 'output') } },
      },
      ...errorAnswers(errorCodesOf(op, isOwn)),
    },
  };
};
