import type { AccessOutcome, AccessQuestion } from '../cluster.ts';
import { isRecord, parseJson } from '../outcome.ts';
import { WORKLOAD_KINDS } from '../workload.ts';
import type { ApiClient } from './api-client.ts';
import { ACCESS_REVIEW_PATH } from './api-paths.ts';

/** `deployments.apps` -> deployments of apps; a name without a group has that of the kind we know by it, else none. */
const splitResource = (name: string): { resource: string; group: string } => {
  const dot = name.indexOf('.');
  if (dot >= 0) return { resource: name.slice(0, dot), group: name.slice(dot + 1) };
  return {
    resource: name,
    group: WORKLOAD_KINDS.find(({ plural }) => plural === name)?.group ?? '',
  };
};

/** Asks the server whether this user may do it. `stdout` is `yes` or `no`, as kubectl says it. */
export const reviewAccess = async (
  client: ApiClient,
  { verb, resource, namespace }: AccessQuestion,
): Promise<AccessOutcome> => {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb, namespace, ...splitResource(resource) } },
  };
  const answer = await client.call({
    method: 'POST',
    path: ACCESS_REVIEW_PATH,
    body: { type: 'application/json', text: JSON.stringify(review) },
  });
  if (!answer.ok) return answer;
  const body = parseJson(answer.stdout);
  const status = isRecord(body) && isRecord(body.status) ? body.status : {};
  if (typeof status.allowed !== 'boolean') return answer;
  const { allowed } = status;
  return {
    ok: allowed,
    rc: allowed ? 0 : 1,
    stdout: allowed ? 'yes\n' : 'no\n',
    stderr: '',
    allowed,
  };
};
