import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeKubeletConfig } from './fake-kubelet.mjs';

/** Users and their groups. `reader` gets a role from `seedCluster`; `nobody` has the rights that a test gives it. */
const USERS = { admin: 'system:masters', reader: '', nobody: '' };

/** A kubeconfig is YAML, and JSON is YAML: so whoever reads one here needs no YAML parser. */
const kubeconfigOf = (server, authority, user, token) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'holdfast-test', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'holdfast-test', context: { cluster: 'holdfast-test', user } }],
    'current-context': 'holdfast-test',
  });

/** Writes keys, tokens, one kubeconfig for each user and the configuration of the fake kubelet. Returns the paths. */
export const writeClusterFiles = (folder, server) => {
  const put = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const tokens = Object.keys(USERS).map((user) => [user, randomBytes(16).toString('hex')]);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificates = join(folder, 'certificates');
  const authority = join(certificates, 'apiserver.crt');
  const podLog = put('pod.log', '');
  return {
    certificates,
    authority,
    podLog,
    serviceAccountKey: put('service-account.key', privateKey),
    serviceAccountPublicKey: put('service-account.pub', publicKey),
    tokens: put(
      'tokens.csv',
      tokens.map(([user, token]) => `${token},${user},${user},"${USERS[user]}"\n`).join(''),
    ),
    kubeconfigs: Object.fromEntries(
      tokens.map(([user, token]) => [
        user,
        put(`${user}.kubeconfig`, kubeconfigOf(server, authority, user, token)),
      ]),
    ),
    fakeKubelet: put('kwok.yaml', fakeKubeletConfig(podLog)),
  };
};
