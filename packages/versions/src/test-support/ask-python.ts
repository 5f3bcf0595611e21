import { spawnSync } from 'node:child_process';

/**
 * Python's own `packaging`, the reference for PEP 440 and PEP 508, asked through `python3 -c`. Answers
 * one JSON value per JSON question, `null` where Python raised.
 */
const PROGRAM = `
import json, sys, warnings
warnings.simplefilter("ignore")
try:
    import packaging
    from packaging import version, specifiers, markers
except ImportError:
    from pip._vendor import packaging
    from pip._vendor.packaging import version, specifiers, markers

def compare(a, b):
    a, b = version.Version(a), version.Version(b)
    return (a > b) - (a < b)

def valid(text):
    version.Version(text)
    return True

def contains(text, spec, prereleases):
    parts = [specifiers.Specifier(part) for part in spec.split(",") if part.strip()]
    version.Version(text)
    assert len(parts) or not spec.strip()
    wanted = specifiers.SpecifierSet(spec)
    if prereleases is None:
        prereleases = wanted.prereleases or False
    return wanted.contains(text, prereleases=prereleases)

def marker(text, environment):
    return markers.Marker(text).evaluate(environment)

def answer(question):
    try:
        return globals()[question["ask"]](*question["args"])
    except Exception:
        return None

print(json.dumps({"version": packaging.__version__, "answers": [answer(q) for q in json.load(sys.stdin)]}))
`;

export interface PythonQuestion {
  ask: 'compare' | 'valid' | 'contains' | 'marker';
  args: unknown[];
}

/** Asks all questions of one Python process; throws when it fails. */
export function askPython(questions: PythonQuestion[]): unknown[] {
  return run(questions).answers;
}

/** The version of `packaging` that answers here, or `undefined` when this machine has none. */
export function pythonReference(): string | undefined {
  try {
    return run([]).version;
  } catch {
    return undefined;
  }
}

function run(questions: PythonQuestion[]): { version: string; answers: unknown[] } {
  const result = spawnSync('python3', ['-c', PROGRAM], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`python3 exited ${result.status}: ${result.stderr}`);
  return JSON.parse(result.stdout) as { version: string; answers: unknown[] };
}
