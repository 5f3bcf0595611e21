export interface DoubleObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

export interface World {
  user?: string;
  context?: string;
  contexts?: string[];
  client_version?: string;
  server_version?: string;
  objects: DoubleObject[];
  denied: { verb?: string; resource?: string; namespace?: string }[];
  refuse_patch?: string;
  logs: Record<string, string[]>;
}

/** One answer of the kubectl double in place of what its world would say. */
export interface Answer {
  /** `*` stands for one argument, a last `...` for all that follow. */
  args: string[];
  rc?: number;
  /** A value that is no text is written as JSON. */
  stdout?: unknown;
  stderr?: string;
  delay_ms?: number;
}

export interface DoubleKind {
  kind: string;
  group: string;
  version: string;
  plural: string;
  short: string;
  namespaced: boolean;
  full: string;
}

export const KINDS: DoubleKind[];
export const trainerWorld: (options?: {
  annotations?: Record<string, string>;
  namespace?: string;
  name?: string;
}) => World;
