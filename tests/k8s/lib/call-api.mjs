import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const CALL_LIMIT_MS = 20_000;

/**
 * One call of the API server as the user of a kubeconfig: `{ status, body }`, the body as JSON where it is. Rejects only
 * where there is no answer.
 */
export const callApi = (kubeconfig, method, path, body, contentType = 'application/json') =>
  new Promise((resolve, reject) => {
    const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8'));
    const { server, 'certificate-authority': authority } = clusters[0].cluster;
    const call = request(
      new URL(path, server),
      {
        method,
        ca: readFileSync(authority),
        timeout: CALL_LIMIT_MS,
        agent: false,
        headers: {
          authorization: `Bearer ${users[0].user.token}`,
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const isJson = answer.headers['content-type']?.includes('json');
          resolve({ status: answer.statusCode, body: isJson ? JSON.parse(text) : text });
        });
      },
    );
    call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer`)));
    call.once('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
