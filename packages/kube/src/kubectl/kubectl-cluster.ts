import type { AccessOutcome, Cluster, LogStream, Outcome } from '../cluster.ts';
import { CALL_TIMEOUT_MS } from '../cluster.ts';
import { endedStream } from '../ended-stream.ts';
import { badNames } from '../names.ts';
import { failure, isRecord, parseJson, RC, success, withItems, withObject } from '../outcome.ts';
import { withPrecondition } from '../merge-patch.ts';
import { applyBody } from '../server-side-apply.ts';
import { workloadKind } from '../workload.ts';
import type { WorkloadKind, WorkloadRef } from '../workload.ts';
import { findProgram } from './find-program.ts';
import * as args from './kubectl-args.ts';
import { runProgram, streamProgram } from './run-program.ts';

export interface KubectlOptions {
  /** A name that is looked up in PATH, or a path, which may hold spaces. */
  readonly command: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  /** Ends every call that runs, and every later one at once. */
  readonly signal?: AbortSignal;
  readonly context?: string;
}

const textOf = (value: unknown, ...path: string[]): string | undefined => {
  const found = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);
  return typeof found === 'string' && found !== '' ? found : undefined;
};

/** `yes`, `no`, or `no - why`; nothing for any other answer. kubectl ends with 1 on a plain no. */
const accessAnswer = (outcome: Outcome): AccessOutcome => {
  const answer = /^(yes|no)\b/.exec(outcome.stdout.trim())?.[1];
  return answer === undefined ? outcome : { ...outcome, allowed: answer === 'yes' };
};

/** The cluster through a kubectl program: one process a call, the user's own kubectl with all its plugins. */
export const createKubectlCluster = (options: KubectlOptions): Cluster => {
  const { command, env, signal, context, timeoutMs = CALL_TIMEOUT_MS } = options;
  const prefix = context === undefined ? [] : ['--context', context];
  const program = (): string | undefined => findProgram(command, env.PATH);
  const missing = (): Outcome => failure(`${command}: not found`, RC.notFound);

  const call = async (list: readonly string[], stdin?: string): Promise<Outcome> => {
    const found = program();
    if (found === undefined) return missing();
    return runProgram({
      program: found,
      args: [...prefix, ...list],
      env,
      timeoutMs,
      signal,
      stdin,
    });
  };

  /** Calls with the kind of `ref`, unless its names or its kind are none: then no process is started. */
  const onWorkload = async (
    ref: WorkloadRef,
    work: (kind: WorkloadKind) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const kind = workloadKind(ref.kind);
    if (kind === undefined) return failure(`unsupported kind ${JSON.stringify(ref.kind)}`);
    const bad = badNames(ref);
    return bad === undefined ? work(kind) : failure(bad);
  };

  const named = async (
    names: { namespace?: string; name?: string },
    list: readonly string[],
  ): Promise<Outcome> => {
    const bad = badNames(names);
    return bad === undefined ? call(list) : failure(bad);
  };

  const version = async (
    list: readonly string[],
    key: 'clientVersion' | 'serverVersion',
  ): Promise<Outcome> => {
    const answer = await call(list);
    const found = textOf(parseJson(answer.stdout), key, 'gitVersion');
    if (found !== undefined) return success(found);
    return answer.ok ? failure(`kubectl named no ${key}`) : answer;
  };

  const shortVersion = async (): Promise<Outcome> => {
    const answer = await call(args.CLIENT_VERSION_SHORT);
    const found = /^Client Version:\s*(\S+)/m.exec(answer.stdout)?.[1];
    return found === undefined || !answer.ok ? answer : success(found);
  };

  return {
    mode: 'kubectl',
    present: async () => program() !== undefined,
    currentContext: async () =>
      context === undefined ? call(args.CURRENT_CONTEXT) : success(`${context}\n`),
    contexts: () => call(args.CONTEXTS),
    inContext: (name) => createKubectlCluster({ ...options, context: name }),
    clientVersion: async () => {
      const answer = await version(args.CLIENT_VERSION, 'clientVersion');
      return answer.ok || answer.rc === RC.notFound ? answer : shortVersion();
    },
    serverVersion: () => version(args.SERVER_VERSION, 'serverVersion'),
    checkAccess: async ({ verb, resource, namespace }) =>
      accessAnswer(await named({ namespace }, args.canIArgs(namespace, verb, resource))),
    namespaceExists: (namespace) => named({ namespace }, args.namespaceArgs(namespace)),
    workloadExists: (ref) => onWorkload(ref, (kind) => call(args.workloadArgs(kind, ref, 'name'))),
    workload: async (ref) =>
      withObject(await onWorkload(ref, (kind) => call(args.workloadArgs(kind, ref, 'json')))),
    patch: (ref, patch, { dryRun, resourceVersion, strategy, force }) =>
      onWorkload(ref, async (kind) => {
        if (strategy !== 'apply') {
          const text = JSON.stringify(withPrecondition(patch, resourceVersion));
          return call(args.mergeArgs(kind, ref, { dryRun, patch: text }));
        }
        const body = applyBody({ kind, ref, fields: patch, resourceVersion });
        if (typeof body === 'string') return failure(body);
        const list = args.serverSideApplyArgs(ref.namespace, { dryRun, force });
        return call(list, JSON.stringify(body));
      }),
    pods: async (namespace, selector) =>
      withItems(await named({ namespace }, args.podsArgs(namespace, selector))),
    pod: async (namespace, name) =>
      withObject(await named({ namespace, name }, args.podArgs(namespace, name))),
    logs: (request): LogStream => {
      const { namespace, container, target } = request;
      const name = 'pod' in target ? target.pod : target.deployment;
      const bad = badNames({ namespace, name, container });
      if (bad !== undefined) return endedStream(failure(bad));
      const found = program();
      if (found === undefined) return endedStream(missing());
      const list = [...prefix, ...args.logsArgs(request)];
      return streamProgram({ program: found, args: list, env, timeoutMs, signal });
    },
    namespaces: async () => withItems(await call(args.NAMESPACES)),
    deployments: async () => withItems(await call(args.DEPLOYMENTS)),
    probe: (probe) => named('namespace' in probe ? probe : {}, args.probeArgs(probe)),
  };
};
