import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * What is built. KWOK's own libraries are of the same Kubernetes minor, and the etcd server is the one that Kubernetes
 * names in its go.mod: so all of it fits into one Go module. `go`: the oldest Go that these modules take.
 */
export const VERSIONS = { kubernetes: '1.36.3', etcd: '3.6.8', kwok: '0.8.0', go: '1.26' };

export const PLANE_SOURCE = new URL('../plane/main.go', import.meta.url);

/** Names one build: another version, program, Go or machine is another build. `go`: as `go env GOVERSION` says. */
export const buildKey = (go) => {
  const inputs = [VERSIONS, readFileSync(PLANE_SOURCE, 'utf8'), go, process.platform, process.arch];
  const digest = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
  return `${VERSIONS.kubernetes}-${digest}`;
};
