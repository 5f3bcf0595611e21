import type { RequestOptions } from 'node:https';
import type { KubeConfigSource } from './find-kube-config.ts';
import type { KubeConfig } from './load-kube-config.ts';

/** What a request to the server of one context needs. */
export interface Access {
  /** Without a slash at its end; may have a path. */
  readonly server: string;
  readonly options: RequestOptions;
}

/** One user's way into one cluster. Its methods reject with an error whose text says what is wrong. */
export interface Session {
  config(): Promise<KubeConfig>;
  /** `refresh`: ask for credentials again, because the server has refused those that were given before. */
  access(refresh?: boolean): Promise<Access>;
}

const open = async (config: KubeConfig): Promise<Access> => {
  const name = config.getCurrentContext();
  if (!name) throw new Error('current-context is not set');
  if (config.getContextObject(name) === null) throw new Error(`context "${name}" does not exist`);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`context "${name}" names a cluster that does not exist`);
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return { server: cluster.server, options };
};

/**
 * Opens with the first use: the Kubernetes client is loaded then, the files are read once, an exec plugin is asked once
 * and again when `refresh` is wanted.
 */
export const createSession = (source: KubeConfigSource, context?: string): Session => {
  let config: Promise<KubeConfig> | undefined;
  let access: Promise<Access> | undefined;
  const load = async (): Promise<KubeConfig> => {
    const { loadKubeConfig } = await import('./load-kube-config.ts');
    return loadKubeConfig(source, context);
  };
  // What failed is tried again by the next call: a file may have been mended, a plugin may have been busy.
  const session: Session = {
    config: () =>
      (config ??= load().catch((error: unknown) => {
        config = undefined;
        throw error;
      })),
    access: (refresh) => {
      if (refresh === true) access = undefined;
      return (access ??= session
        .config()
        .then(open)
        .catch((error: unknown) => {
          access = undefined;
          throw error;
        }));
    },
  };
  return session;
};
