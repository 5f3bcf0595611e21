import type { Api, Op } from './api.ts';

/** An operation with its name and owner, as a router needs it. */
export interface Route {
  readonly api: Api;
  readonly name: string;
  readonly op: Op;
}

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** `undefined` when the path is unknown; `allow` lists the methods of a known path that was called with another. */
export type RouteLookup = RouteMatch | { readonly allow: readonly string[] } | undefined;

export interface RouteTable {
  find(method: string, path: string, accept: string): RouteLookup;
}

interface Candidate {
  readonly segments: readonly string[];
  readonly route: Route;
}

const isParam = (segment: string): boolean => segment.startsWith('{');

const safeDecode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const bind = (
  candidate: Candidate,
  segments: readonly string[],
): Record<string, string> | undefined => {
  const params: Record<string, string> = {};
  for (const [index, pattern] of candidate.segments.entries()) {
    const segment = segments[index]!;
    if (!isParam(pattern)) {
      if (pattern !== segment) return undefined;
      continue;
    }
    const value = safeDecode(segment);
    if (value === undefined || value === '') return undefined;
    params[pattern.slice(1, -1)] = value;
  }
  return params;
};

/** More literal segments first, so that `/hosts/register` wins over `/hosts/{id}`. */
const bySpecificity = (a: Candidate, b: Candidate): number =>
  a.segments.filter(isParam).length - b.segments.filter(isParam).length;

const wantsStream = (accept: string): boolean => accept.includes('text/event-stream');

/**
 * Finds the operation of a request. Two operations may share method and path when one of them is an SSE stream: the
 * Accept header chooses.
 */
export const createRouteTable = (routes: readonly Route[]): RouteTable => {
  const byLength = new Map<number, Candidate[]>();
  for (const route of routes) {
    const segments = route.op.path.split('/');
    const list = byLength.get(segments.length) ?? [];
    list.push({ segments, route });
    byLength.set(segments.length, list.toSorted(bySpecificity));
  }
  return {
    find(method, path, accept) {
      const segments = path.split('/');
      const matches: RouteMatch[] = [];
      for (const candidate of byLength.get(segments.length) ?? []) {
        const params = bind(candidate, segments);
        if (params) matches.push({ route: candidate.route, params });
      }
      const usable = matches.filter((match) => match.route.op.method === method);
      if (usable.length === 0) {
        return matches.length === 0
          ? undefined
          : { allow: [...new Set(matches.map((m) => m.route.op.method))] };
      }
      const sse = wantsStream(accept);
      return usable.find((match) => (match.route.op.stream === 'sse') === sse) ?? usable[0];
    },
  };
};

export const routesOf = (api: Api): Route[] =>
  Object.entries(api.ops).map(([name, op]) => ({ api, name, op }));
