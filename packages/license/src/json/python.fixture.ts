import { spawnSync } from 'node:child_process';

/**
 * Python's own `json`, asked through one process: for each document (UTF-8 text) the canonical text of what `json.loads`
 * read, `null` where it raised. Lone surrogates come back as they are. Integers of any size are read, as before Python
 * 3.11 limited their digits.
 */
const PROGRAM = `
import base64, json, sys
getattr(sys, "set_int_max_str_digits", lambda n: None)(0)

def canonical(document):
    try:
        value = json.loads(base64.b64decode(document).decode("utf-8"))
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return None

print(json.dumps([canonical(document) for document in json.load(sys.stdin)]))
`;

export const askPython = (documents: readonly string[]): (string | null)[] => {
  const result = spawnSync('python3', ['-c', PROGRAM], {
    input: JSON.stringify(documents.map((text) => Buffer.from(text, 'utf8').toString('base64'))),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error(`python3 exited ${result.status}: ${result.stderr}`);
  return JSON.parse(result.stdout) as (string | null)[];
};

export const hasPython = spawnSync('python3', ['--version']).status === 0;
