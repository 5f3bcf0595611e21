import type { Cluster, ObjectOutcome, Outcome, PatchOptions } from '../cluster.ts';
import { CALL_TIMEOUT_MS, FIELD_MANAGER } from '../cluster.ts';
import { endedStream } from '../ended-stream.ts';
import { withPrecondition } from '../merge-patch.ts';
import { badNames } from '../names.ts';
import {
  failure,
  isRecord,
  messageOf,
  parseJson,
  success,
  withItems,
  withObject,
} from '../outcome.ts';
import { applyBody } from '../server-side-apply.ts';
import { workloadKind } from '../workload.ts';
import type { WorkloadKind, WorkloadRef } from '../workload.ts';
import { reviewAccess } from './access-review.ts';
import { createApiClient } from './api-client.ts';
import { streamApiLogs } from './api-logs.ts';
import * as paths from './api-paths.ts';
import { probeApi } from './api-probe.ts';
import type { KubeConfigSource } from './find-kube-config.ts';
import type { KubeConfig } from './load-kube-config.ts';
import { createSession } from './session.ts';

export interface ApiClusterOptions {
  readonly source: KubeConfigSource;
  readonly context?: string;
  readonly timeoutMs?: number;
  /** Ends every call that runs, and every later one at once. */
  readonly signal?: AbortSignal;
  /** What `clientVersion` says. */
  readonly version?: string;
}

const patchBody = (
  wanted: { kind: WorkloadKind; ref: WorkloadRef; patch: Record<string, unknown> },
  { strategy, resourceVersion }: PatchOptions,
): { type: string; text: string } | string => {
  const { kind, ref, patch } = wanted;
  if (strategy !== 'apply')
    return {
      type: 'application/merge-patch+json',
      text: JSON.stringify(withPrecondition(patch, resourceVersion)),
    };
  const body = applyBody({ kind, ref, fields: patch, resourceVersion });
  if (typeof body === 'string') return body;
  // JSON is YAML: the server takes it under the one type that it knows for an apply.
  return { type: 'application/apply-patch+yaml', text: JSON.stringify(body) };
};

const gitVersion = (outcome: Outcome): Outcome => {
  const body = parseJson(outcome.stdout);
  if (!outcome.ok) return outcome;
  return isRecord(body) && typeof body.gitVersion === 'string'
    ? success(body.gitVersion)
    : failure('the server named no version');
};

/** The cluster through the Kubernetes API. The client and the configuration are loaded with the first call. */
export const createApiCluster = (options: ApiClusterOptions): Cluster => {
  const { source, context, signal, timeoutMs = CALL_TIMEOUT_MS, version = 'holdfast' } = options;
  const session = createSession(source, context);
  const client = createApiClient({ session, timeoutMs, signal });

  const onConfig = async (read: (config: KubeConfig) => string | undefined): Promise<Outcome> => {
    try {
      const found = read(await session.config());
      return found ? success(`${found}\n`) : failure('error: current-context is not set');
    } catch (error) {
      return failure(`cannot read the configuration: ${messageOf(error)}`);
    }
  };

  const get = async (
    path: string,
    names: { namespace?: string; name?: string } = {},
  ): Promise<Outcome> => {
    const bad = badNames(names);
    return bad === undefined ? client.call({ path }) : failure(bad);
  };

  const onWorkload = async (
    ref: WorkloadRef,
    work: (kind: WorkloadKind) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const kind = workloadKind(ref.kind);
    if (kind === undefined) return failure(`unsupported kind ${JSON.stringify(ref.kind)}`);
    const bad = badNames(ref);
    return bad === undefined ? work(kind) : failure(bad);
  };

  const workload = async (ref: WorkloadRef): Promise<ObjectOutcome> =>
    withObject(
      await onWorkload(ref, (kind) => client.call({ path: paths.workloadPath(kind, ref) })),
    );

  const patch: Cluster['patch'] = async (ref, fields, choice) =>
    withObject(
      await onWorkload(ref, async (kind) => {
        const body = patchBody({ kind, ref, patch: fields }, choice);
        if (typeof body === 'string') return failure(body);
        const path = paths.workloadPath(kind, ref, {
          fieldManager: FIELD_MANAGER,
          dryRun: choice.dryRun ? 'All' : undefined,
          force: choice.strategy === 'apply' && choice.force === true ? 'true' : undefined,
        });
        return client.call({ method: 'PATCH', path, body });
      }),
    );

  return {
    mode: 'api',
    present: async () => true,
    currentContext: () => onConfig((config) => config.getCurrentContext()),
    contexts: () =>
      onConfig((config) =>
        config
          .getContexts()
          .map(({ name }) => name)
          .join('\n'),
      ),
    inContext: (name) => createApiCluster({ ...options, context: name }),
    clientVersion: async () => success(version),
    serverVersion: async () => gitVersion(await get(paths.VERSION_PATH)),
    checkAccess: async (question) => {
      const bad = badNames({ namespace: question.namespace });
      return bad === undefined ? reviewAccess(client, question) : failure(bad);
    },
    namespaceExists: async (namespace) => {
      const answer = await get(paths.namespacePath(namespace), { namespace });
      return answer.ok ? success(`namespace/${namespace}\n`) : answer;
    },
    workloadExists: async (ref) => {
      const answer = await workload(ref);
      return answer.ok ? success(`${workloadKind(ref.kind)?.resource}/${ref.name}\n`) : answer;
    },
    workload,
    patch: async (ref, fields, choice) => {
      const answer = await patch(ref, fields, choice);
      const done = choice.dryRun ? 'patched (server dry run)' : 'patched';
      return answer.ok
        ? { ...answer, stdout: `${workloadKind(ref.kind)?.resource}/${ref.name} ${done}\n` }
        : answer;
    },
    pods: async (namespace, selector) =>
      withItems(await get(paths.podsPath(namespace, selector), { namespace })),
    pod: async (namespace, name) =>
      withObject(await get(paths.podPath(namespace, name), { namespace, name })),
    logs: (request) => {
      const { namespace, container, target } = request;
      const name = 'pod' in target ? target.pod : target.deployment;
      const bad = badNames({ namespace, name, container });
      return bad === undefined ? streamApiLogs(client, request) : endedStream(failure(bad));
    },
    namespaces: async () => withItems(await get(paths.NAMESPACES_PATH)),
    deployments: async () => withItems(await get(paths.DEPLOYMENTS_PATH)),
    probe: async (probe) => {
      const bad = badNames('namespace' in probe ? probe : {});
      return bad === undefined ? probeApi(client, session, probe) : failure(bad);
    },
  };
};
