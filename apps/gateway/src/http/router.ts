import {
  createRouteTable,
  routesOf,
  type Api,
  type Route,
  type RouteLookup,
} from '@holdfast/contracts';

export interface Router {
  find(method: string, path: string, accept: string): RouteLookup;
  /** Who takes WebSocket connections on a path. */
  upgradeOwner(path: string): Api | undefined;
}

/** Whether no kernel answers: the gateway does by itself, or by asking the guardian. */
export const isLocal = ({ kernel }: Api): boolean => kernel === 'gateway' || kernel === 'guardian';

const MAX_REMEMBERED = 2_000;

/** Operations of the gateway and of the guardian answer with and without `/api` in front. */
const withAlias = (route: Route): Route[] => {
  if (!isLocal(route.api)) return [route];
  return [route, { ...route, op: { ...route.op, path: `/api${route.op.path}` } }];
};

/** Public operations by method and path. Internal ones are not in it, so nobody can tell that they exist. */
export const createRouter = (apis: readonly Api[]): Router => {
  const table = createRouteTable(
    apis
      .flatMap(routesOf)
      .filter((route) => route.op.role !== 'internal')
      .flatMap(withAlias),
  );
  const owners = new Map(
    apis.flatMap((api) => (api.upgrades ?? []).map((path) => [path, api] as const)),
  );
  const remembered = new Map<string, RouteLookup>();
  return {
    find(method, path, accept) {
      const stream = accept.includes('text/event-stream') ? 's' : 'p';
      const key = `${method}${stream}${path}`;
      const before = remembered.get(key);
      if (before !== undefined) return before;
      const found = table.find(method, path, accept);
      if (found !== undefined) {
        if (remembered.size >= MAX_REMEMBERED) remembered.clear();
        remembered.set(key, found);
      }
      return found;
    },
    upgradeOwner: (path) => owners.get(path),
  };
};
