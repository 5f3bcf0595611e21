/** The identity provider could not be reached, or answered that it is out of order. */
export class ProviderUnreachable extends Error {}

const MOST_BYTES = 1024 * 1024;
const LOOPBACK_HOST = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

export const isLoopbackUrl = ({ hostname }: URL): boolean => LOOPBACK_HOST.test(hostname);

/** TLS is what tells the provider from somebody else; on this machine there is nobody between. */
export const isSafeUrl = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(url));

const readBounded = async (response: Response): Promise<Uint8Array<ArrayBuffer>> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new ProviderUnreachable('it answers more than a mebibyte');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
};

/**
 * `fetch` towards the identity provider: addresses that are safe, no redirects, answers that fit into memory. Whatever
 * keeps an answer away is ProviderUnreachable, so that it is told from an answer that says no.
 */
export const providerFetch = async (url: string, init: RequestInit): Promise<Response> => {
  if (!isSafeUrl(new URL(url)))
    throw new ProviderUnreachable(`${new URL(url).origin} is neither https nor on this machine`);
  try {
    const response = await fetch(url, { ...init, redirect: 'manual' });
    const body = await readBounded(response);
    if (response.status >= 500)
      throw new ProviderUnreachable(`it answers with status ${response.status}`);
    const { status, statusText, headers } = response;
    const answer = new Response(body.length === 0 ? null : body, { status, statusText, headers });
    Object.defineProperty(answer, 'url', { value: response.url });
    return answer;
  } catch (cause) {
    if (cause instanceof ProviderUnreachable) throw cause;
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    throw new ProviderUnreachable(late ? 'no answer in time' : 'no connection', { cause });
  }
};

/** The reason of ProviderUnreachable somewhere in the chain of causes, or undefined. */
export const unreachableReason = (error: unknown): string | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof ProviderUnreachable) return cause.message;
  return undefined;
};
