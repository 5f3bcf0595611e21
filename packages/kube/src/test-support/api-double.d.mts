import type { World } from './world.mjs';

export interface ApiDouble {
  readonly url: string;
  readonly world: World;
  readonly requests: {
    method: string;
    url: string;
    type: string;
    body: string;
    headers: Record<string, string | undefined>;
  }[];
  /** The text of a kubeconfig for it. */
  readonly kubeConfig: string;
  close(): Promise<void>;
}

export const startApiDouble: (options: {
  world: World;
  tokens?: string[];
  hold?: (path: string) => boolean;
  /** The user of the kubeconfig, such as `{token}` or `{exec}`. */
  user?: Record<string, unknown>;
}) => Promise<ApiDouble>;
