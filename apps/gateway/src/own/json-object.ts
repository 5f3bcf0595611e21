import { HoldfastError, findUnrecordable } from '@holdfast/contracts';

/**
 * A body as a JSON object, whatever its content type says (`curl -d` says form). Nothing is `{}`. Throws malformed_json
 * for anything that is no JSON object, invalid_input for what could never be put on record.
 */
export const parseJsonObject = (body: Buffer | undefined): Record<string, unknown> => {
  if (body === undefined || body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new HoldfastError('malformed_json', {}, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HoldfastError('malformed_json');
  const detail = findUnrecordable(value);
  if (detail !== undefined) throw new HoldfastError('invalid_input', { detail });
  return value as Record<string, unknown>;
};
