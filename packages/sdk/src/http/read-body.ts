import type { IncomingMessage } from 'node:http';
import { HoldfastError, findUnrecordable } from '@holdfast/contracts';

/** Throws malformed_json for what is no JSON object, invalid_input for what could never be put on record. */
export const toJsonObject = (value: unknown): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HoldfastError('malformed_json');
  const detail = findUnrecordable(value);
  if (detail !== undefined) throw new HoldfastError('invalid_input', { detail });
  return value as Record<string, unknown>;
};

/**
 * Reads and parses a JSON body, whatever its content type says (callers such as `curl -d` send none). Empty is `{}`.
 * Rejects with body_too_large as soon as the limit is passed, malformed_json for anything that is no JSON object,
 * invalid_input for what could never be put on record.
 */
export const readJsonBody = async (
  request: IncomingMessage,
  limitBytes: number,
): Promise<Record<string, unknown>> => {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
    throw new HoldfastError('body_too_large', { limit_bytes: limitBytes });
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new HoldfastError('body_too_large', { limit_bytes: limitBytes });
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (cause) {
    throw new HoldfastError('malformed_json', {}, { cause });
  }
  return toJsonObject(value);
};
