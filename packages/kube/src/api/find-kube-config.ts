import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where the configuration of a cluster lies: files, the first one of which wins, or the pod that this runs in. */
export type KubeConfigSource = { readonly files: readonly string[] } | { readonly inCluster: true };

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * KUBECONFIG as a list of files, of which some may be absent; else `~/.kube/config`; else the service account of a pod.
 * A KUBECONFIG that names no file at all is none: the home directory is then not looked at either, as with kubectl.
 */
export const findKubeConfig = (
  env: Readonly<Record<string, string | undefined>>,
): KubeConfigSource | undefined => {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const home = env.HOME || env.USERPROFILE;
  const wanted =
    listed.length > 0 ? listed : home === undefined ? [] : [join(home, '.kube', 'config')];
  const files = wanted.filter((file) => existsSync(file));
  if (files.length > 0) return { files };
  const isPod = listed.length === 0 && Boolean(env.KUBERNETES_SERVICE_HOST);
  return isPod && existsSync(SERVICE_ACCOUNT_TOKEN) ? { inCluster: true } : undefined;
};
