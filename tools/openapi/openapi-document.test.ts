import { allApis, routesOf } from '@holdfast/contracts';
import { describe, expect, it } from 'vitest';
import { createOpenapiDocument, openapiText } from './openapi-document.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-holdfast-also'?: string;
  readonly parameters: { name: string; in: string; required: boolean }[];
  readonly requestBody?: { content: Record<string, { schema: { properties: object } }> };
  readonly responses: Record<string, { content: object; 'x-holdfast-codes'?: string[] }>;
  readonly security: object[];
}

const document = createOpenapiDocument(allApis) as unknown as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
const described = operations.flatMap((one) =>
  [one.operationId, one['x-holdfast-also'] ?? []].flat(),
);
const routes = allApis.flatMap(routesOf);

const refsIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  );
};

describe('the OpenAPI document', () => {
  it('describes every public operation once and no internal one', () => {
    const publicNames = routes
      .filter((route) => route.op.role !== 'internal')
      .map((one) => one.name);
    expect(publicNames.length).toBeGreaterThan(30);
    expect(described.toSorted()).toEqual(publicNames.toSorted());
  });

  it('puts each operation under its own path and method', () => {
    for (const { name, op } of routes.filter((route) => route.op.role !== 'internal')) {
      const found = document.paths[op.path]?.[op.method.toLowerCase()];
      expect([found?.operationId, found?.['x-holdfast-also']]).toContain(name);
    }
  });

  it('refers to nothing that is not in it', () => {
    const refs = new Set(refsIn(document));
    expect(refs.size).toBeGreaterThan(10);
    const names = [...refs].map((ref) => ref.replace('#/components/schemas/', ''));
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(names));
  });

  it('has a parameter for each name in a path, and keeps it out of the body', () => {
    for (const [path, methods] of Object.entries(document.paths))
      for (const operation of Object.values(methods))
        for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
          expect(operation.parameters).toContainEqual(
            expect.objectContaining({ name, in: 'path', required: true }),
          );
          const body = operation.requestBody?.content['application/json']?.schema.properties ?? {};
          expect(Object.keys(body)).not.toContain(name);
        }
  });

  it('lists the error codes that an operation declares', () => {
    const approve = document.paths['/api/changes/{id}/approve']!['post']!;
    expect(approve.responses['409']!['x-holdfast-codes']).toEqual(
      expect.arrayContaining(['plan_hash_mismatch', 'change_state']),
    );
    expect(approve.responses['401']!['x-holdfast-codes']).toEqual(['unauthenticated']);
  });

  it('asks for no token where anyone may call', () => {
    expect(document.paths['/health']!['get']!.security).toEqual([]);
    expect(document.paths['/api/changes']!['get']!.security).toEqual([{ token: [] }]);
  });

  it('offers events as a list and as a stream on one path', () => {
    const events = document.paths['/api/events']!['get']!;
    expect(Object.keys(events.responses['200']!.content)).toEqual([
      'application/json',
      'text/event-stream',
    ]);
    expect(events.parameters.map((parameter) => parameter.name)).toContain('last-event-id');
  });

  it('comes out the same each time', () => {
    expect(openapiText(allApis)).toBe(openapiText(allApis));
  });
});
