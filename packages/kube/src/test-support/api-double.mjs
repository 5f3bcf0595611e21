import { createServer } from 'node:http';
import * as cluster from './world.mjs';

/**
 * A small server that speaks the paths of the Kubernetes API over plain HTTP on loopback, for a world of world.mjs: good
 * enough for a real kubectl to find its way. It does not do what a real server does to objects: no defaults, no schemas,
 * no controllers.
 */
const list = (kind, items) => ({
  apiVersion: kind.group === '' ? 'v1' : `${kind.group}/v1`,
  kind: `${kind.kind}List`,
  metadata: { resourceVersion: '100' },
  items,
});

const discovery = (path) => {
  const groups = [
    ...new Set(cluster.KINDS.map(({ group }) => group).filter(Boolean)),
    'authorization.k8s.io',
  ];
  const version = (group) => ({ groupVersion: `${group}/v1`, version: 'v1' });
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis')
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map((name) => ({
        name,
        versions: [version(name)],
        preferredVersion: version(name),
      })),
    };
  const group = /^\/apis\/([^/]+)\/v1$/.exec(path)?.[1] ?? (path === '/api/v1' ? '' : undefined);
  if (group === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? 'v1' : `${group}/v1`,
    resources: cluster.KINDS.filter((kind) => kind.group === group).map((kind) => ({
      name: kind.plural,
      singularName: kind.kind.toLowerCase(),
      shortNames: [kind.short],
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: ['get', 'list', 'patch'],
    })),
  };
};

const RESOURCE =
  /^\/(?:api\/v1|apis\/([^/]+)\/v1)(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?(?:\/(log))?$/;

const target = (path) => {
  const named = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path);
  if (named) return { kind: cluster.kindOf('namespace'), name: named[1] };
  const found = RESOURCE.exec(path);
  if (!found) return undefined;
  const [, group = '', namespace, plural, name, log] = found;
  const kind = cluster.KINDS.find((entry) => entry.plural === plural && entry.group === group);
  return kind && { kind, namespace, name, log };
};

const review = (world, body) => {
  const asked = JSON.parse(body);
  const { verb, resource, namespace } = asked.spec.resourceAttributes;
  return { ...asked, status: { allowed: cluster.isAllowed(world, { verb, resource, namespace }) } };
};

const applied = (text, type) => {
  const { apiVersion: _apiVersion, kind: _kind, ...fields } = JSON.parse(text);
  return type.includes('apply') ? fields : JSON.parse(text);
};

const respond = (world, { method, url, body, type }) => {
  const found = discovery(url.pathname);
  if (found) return found;
  if (url.pathname === '/version')
    return { major: '1', minor: '31', gitVersion: world.server_version };
  if (method === 'POST' && url.pathname.endsWith('/selfsubjectaccessreviews'))
    return review(world, body);
  const at = target(url.pathname);
  if (!at)
    return cluster.status(404, 'NotFound', 'the server could not find the requested resource');
  const verb = method === 'PATCH' ? 'patch' : at.name === undefined ? 'list' : 'get';
  const denied = cluster.denial(world, { ...at, verb });
  if (denied) return denied;
  if (at.log) {
    const pod = cluster.readObject(world, at);
    return pod.kind === 'Status' ? pod : cluster.podLogs(world, at);
  }
  if (verb === 'patch')
    return cluster.patchObject(world, {
      ...at,
      patch: applied(body, type),
      dryRun: url.searchParams.get('dryRun') === 'All',
    });
  if (verb === 'get') return cluster.readObject(world, at);
  const labels = Object.fromEntries(
    (url.searchParams.get('labelSelector') ?? '')
      .split(',')
      .filter(Boolean)
      .map((term) => term.split('=')),
  );
  return list(at.kind, cluster.listObjects(world, { ...at, labels }));
};

const write = (response, answer) => {
  const code = answer.kind === 'Status' ? answer.code : 200;
  if (Array.isArray(answer)) response.writeHead(200, { 'content-type': 'text/plain' });
  else response.writeHead(code, { 'content-type': 'application/json' });
  response.end(
    Array.isArray(answer) ? answer.map((line) => `${line}\n`).join('') : JSON.stringify(answer),
  );
};

const kubeConfig = (url, world, user) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': world.context,
  clusters: [{ name: 'double', cluster: { server: url } }],
  users: [{ name: 'tester', user }],
  contexts: (world.contexts ?? [world.context]).map((name) => ({
    name,
    context: { cluster: 'double', user: 'tester' },
  })),
});

/**
 * Starts it on a free port. `world` may be changed while it runs; `requests` is what was asked. With `tokens`, a request
 * needs one of them; `hold` makes it take requests and never answer those whose path it names.
 */
export const startApiDouble = async ({ world, tokens, hold = () => false, user = {} }) => {
  const requests = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url, 'http://double');
      const body = Buffer.concat(chunks).toString('utf8');
      const type = request.headers['content-type'] ?? '';
      requests.push({
        method: request.method,
        url: request.url,
        type,
        body,
        headers: request.headers,
      });
      if (hold(url.pathname)) return;
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      write(
        response,
        tokens && !tokens.includes(token)
          ? cluster.status(401, 'Unauthorized', 'Unauthorized')
          : respond(world, { method: request.method, url, body, type }),
      );
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    world,
    requests,
    kubeConfig: JSON.stringify(kubeConfig(url, world, user)),
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
};
