import type { IncomingMessage } from 'node:http';
import type { RequestHead } from './request-head.ts';

/** The characters of a host and port (RFC 3986 section 3.2.2); a host is never empty in a URL of the web. */
const HOST = /^[\w.~!$&'()*+,;=%:[\]-]+$/;

/** Callers hardly ever use more than one name. */
let lastGoodHost = '';

/** RFC 9112 section 3.2: one Host in HTTP/1.1, at most one before. */
const hasGoodHost = ({ hosts, host }: RequestHead, version: string): boolean => {
  if (hosts !== 1) return hosts === 0 && version === '1.0';
  if (host !== lastGoodHost && HOST.test(host)) lastGoodHost = host;
  return host === lastGoodHost && host !== '';
};

/**
 * RFC 9112 section 6.1: `chunked`, once, is the only coding taken, and never in HTTP/1.0. On requests whose body is not
 * read it is refused whole: section 9.3.1 of RFC 9110 allows that, as nobody means well with it.
 */
const hasGoodCoding = (head: RequestHead, version: string, method: string): boolean =>
  head.codings === 0 ||
  (head.codings === 1 &&
    head.coding.toLowerCase() === 'chunked' &&
    version === '1.1' &&
    (method === 'POST' || method === 'PUT'));

/** Node's limit on the size of a head leaves out separators; a server needs `maxHeadersCount` one above this. */
export const MAX_FIELDS = 200;

/**
 * What Node's parser lets pass and two readers could take for two different requests: versions other than 1.0 and 1.1, a
 * missing, repeated or impossible Host, `Transfer-Encoding: identity, chunked` and its kind, targets that are no path
 * (RFC 9112 section 3.2: all forms but origin-form are for proxies). undefined when there is no fault.
 */
export const findFault = (
  request: IncomingMessage,
  head: RequestHead,
): 'malformed_request' | 'head_too_large' | undefined => {
  const { httpVersion: version, method = '', url = '', rawHeaders } = request;
  if (rawHeaders.length > MAX_FIELDS * 2) return 'head_too_large';
  const good =
    (version === '1.1' || version === '1.0') &&
    url.charCodeAt(0) === 0x2f &&
    hasGoodHost(head, version) &&
    hasGoodCoding(head, version, method);
  return good ? undefined : 'malformed_request';
};
