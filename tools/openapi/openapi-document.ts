import { VERSION, routesOf, type Api } from '@holdfast/contracts';
import { createNamedSchemas, type Json } from './named-schemas.ts';
import { problemSchema } from './operation-errors.ts';
import { describeOperation } from './operation.ts';

interface Operation extends Json {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string }[];
  readonly responses: Readonly<Record<string, { readonly content: Json }>>;
}

/** Two operations on one method and path: the Accept field chooses, so their content types stand side by side. */
const merge = (first: Operation, second: Operation): Operation => {
  const known = new Set(first.parameters.map((parameter) => parameter.name));
  const responses = { ...first.responses };
  for (const [status, answer] of Object.entries(second.responses)) {
    const before = responses[status];
    responses[status] =
      before === undefined
        ? answer
        : { ...before, content: { ...before.content, ...answer.content } };
  }
  return {
    ...first,
    'x-holdfast-also': second.operationId,
    parameters: [
      ...first.parameters,
      ...second.parameters.filter((parameter) => !known.has(parameter.name)),
    ],
    responses,
  };
};

/** The public interface as OpenAPI 3.1: everything but the internal operations. The same apis give the same document. */
export const createOpenapiDocument = (apis: readonly Api[]): Json => {
  const schemas = createNamedSchemas();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of apis.flatMap(routesOf)) {
    if (route.op.role === 'internal') continue;
    const methods = (paths[route.op.path] ??= {});
    const method = route.op.method.toLowerCase();
    const operation = describeOperation(route, schemas) as Operation;
    methods[method] = methods[method] ? merge(methods[method], operation) : operation;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: VERSION,
      description: 'One gate through which people, schedules and AI agents change machines',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: apis.map((api) => ({ name: api.kernel })),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { ...schemas.components(), Problem: problemSchema },
    },
  };
};

export const openapiText = (apis: readonly Api[]): string =>
  `${JSON.stringify(createOpenapiDocument(apis), null, 1)}\n`;
