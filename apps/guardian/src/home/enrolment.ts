import { request } from 'node:http';
import { PRINCIPAL_HEADER, SECRET_HEADER, kernelPrincipal } from '@holdfast/contracts';

interface Options {
  /** Of the infrastructure kernel. */
  readonly port: number;
  readonly secret: string;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024;
const BODY = JSON.stringify({ alias: 'local' });

const readToken = (status: number, text: string): string => {
  if (status !== 201) throw new Error(`asking for an enrolment token: status ${status}`);
  const { token } = JSON.parse(text) as { token?: unknown };
  if (typeof token !== 'string')
    throw new Error('asking for an enrolment token: none was answered');
  return token;
};

/** Asks the infrastructure kernel for the single-use token with which the agent of this host enrols. */
export const requestEnrolmentToken = ({ port, secret }: Options): Promise<string> =>
  new Promise((resolve, reject) => {
    const principal = JSON.stringify(kernelPrincipal('guardian'));
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: '/api/infrastructure/enrolments',
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(BODY),
          [SECRET_HEADER]: secret,
          [PRINCIPAL_HEADER]: Buffer.from(principal).toString('base64url'),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > MAX_BYTES) asked.destroy(new Error('the answer is too long'));
        });
        response.on('error', reject);
        response.on('end', () => {
          try {
            resolve(readToken(response.statusCode ?? 0, text));
          } catch (error) {
            reject(error);
          }
        });
      },
    );
    asked.on('error', reject);
    asked.end(BODY);
  });
