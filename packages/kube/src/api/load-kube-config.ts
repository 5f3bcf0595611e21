// One module of the client and not its root, which brings the models of all of Kubernetes along (1.2 s to load).
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { KubeConfigSource } from './find-kube-config.ts';

export type { KubeConfig };

interface Named {
  readonly name: string;
}

const firstOfEach = <T extends Named>(lists: readonly (readonly T[])[]): T[] => {
  const byName = new Map<string, T>();
  for (const entry of lists.flat()) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return [...byName.values()];
};

/** What a YAML parser says without the lines that it quotes: tokens and keys stand in them. */
const withoutQuote = (error: unknown): string => {
  const { reason, mark, message } = error as {
    reason?: string;
    mark?: { line?: number };
    message?: string;
  };
  if (mark === undefined) return message ?? String(error);
  return `${reason ?? 'not YAML'} (line ${(mark.line ?? 0) + 1})`;
};

const loadFile = (file: string): KubeConfig => {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    // Not as a cause: whoever logs the error would log what it quotes.
    throw new Error(`${file}: ${withoutQuote(error)}`);
  }
  return config;
};

/**
 * The configuration of all files together: of entries with one name the first counts, and the first current context
 * that is named. Throws what is wrong with a file.
 */
export const loadKubeConfig = (source: KubeConfigSource, context?: string): KubeConfig => {
  const merged = new KubeConfig();
  if ('inCluster' in source) merged.loadFromCluster();
  else {
    const configs = source.files.map(loadFile);
    merged.loadFromOptions({
      clusters: firstOfEach(configs.map((config) => config.getClusters())).map((cluster) => ({
        ...cluster,
        // Without TLS there is nothing to verify; the client refuses such a server unless this is said.
        skipTLSVerify: cluster.skipTLSVerify || cluster.server.startsWith('http:'),
      })),
      users: firstOfEach(configs.map((config) => config.getUsers())),
      contexts: firstOfEach(configs.map((config) => config.getContexts())),
      currentContext: configs.map((config) => config.getCurrentContext()).find(Boolean) ?? '',
    });
  }
  if (context !== undefined) merged.setCurrentContext(context);
  return merged;
};
