import { expect, it } from 'vitest';
import { parseRbacDenial } from './rbac-denial.ts';

const USER = 'system:serviceaccount:ml:tuner';

it('takes the refusal of one object in a namespace apart', () => {
  const text =
    `Error from server (Forbidden): deployments.apps "trainer" is forbidden: User "${USER}" cannot ` +
    'patch resource "deployments" in API group "apps" in the namespace "ml"\n';
  expect(parseRbacDenial(text)).toEqual({
    user: USER,
    verb: 'patch',
    resource: 'deployments',
    api_group: 'apps',
    namespace: 'ml',
    name: 'trainer',
    scope: 'namespaced',
    suggested_rule: { apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'] },
    hint: expect.stringMatching(/Role in namespace ml.*resourceNames \["trainer"\]/) as string,
  });
});

it('takes the refusal of a whole resource of the cluster apart', () => {
  const text =
    `namespaces is forbidden: User "${USER}" cannot list resource "namespaces" in API group "" ` +
    'at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "x" not found';
  expect(parseRbacDenial(text)).toMatchObject({
    verb: 'list',
    api_group: '',
    namespace: null,
    name: null,
    scope: 'cluster',
    hint: expect.stringContaining('ClusterRole') as string,
  });
});

it('reads a subresource, and a text that was broken into lines', () => {
  const text = `pods "a" is forbidden: User "u" cannot get\n  resource "pods/log" in API group ""\n in the namespace "ml"`;
  expect(parseRbacDenial(text)).toMatchObject({ resource: 'pods/log', name: 'a' });
});

it('finds none in refusals of another kind', () => {
  const quota = 'pods "a" is forbidden: exceeded quota: q, requested: pods=1';
  for (const text of ['', 'not found', quota, 'User "u" cannot sleep'])
    expect(parseRbacDenial(text)).toBeUndefined();
});
