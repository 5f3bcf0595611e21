import { VERSION } from '@holdfast/contracts/version';
import type { Cluster } from '@holdfast/kube';

/** A cluster that is opened, and its code read, when it is first asked for. */
export type LazyCluster = () => Promise<Cluster>;

/** `signal` ends the calls that run when it aborts. */
export const lazyCluster = (env: NodeJS.ProcessEnv, signal?: AbortSignal): LazyCluster => {
  let opened: Promise<Cluster> | undefined;
  const open = async (): Promise<Cluster> => {
    const { openCluster } = await import('@holdfast/kube');
    return openCluster(env, { version: VERSION, ...(signal === undefined ? {} : { signal }) });
  };
  return () => (opened ??= open());
};
