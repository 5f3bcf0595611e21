import type { ReadContext } from '@holdfast/contracts';
import { runTool } from '../../process/run-tool.ts';
import { lastLines } from '../../process/last-lines.ts';
import { pipEnvironment } from './pip-environment.ts';

/** What a Python interpreter says of itself. */
export interface Interpreter {
  readonly executable: string;
  readonly prefix: string;
  readonly base_prefix: string;
  /** Folders in which installed distributions are looked for. */
  readonly site: readonly string[];
  /** The variables of PEP 508 environment markers. */
  readonly markers: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 30_000;

/** `python_full_version` and `implementation_version` are spelled as PEP 508 spells them. */
const PROGRAM = `
import json, os, platform, site, sys, sysconfig
def full(info):
    text = '.'.join(str(part) for part in info[:3])
    return text if info[3] == 'final' else text + info[3][0] + str(info[4])
paths = [sysconfig.get_paths()[key] for key in ('purelib', 'platlib')]
if sys.prefix == sys.base_prefix and hasattr(site, 'getsitepackages'):
    paths += site.getsitepackages()
print(json.dumps({
    'executable': sys.executable,
    'prefix': sys.prefix,
    'base_prefix': sys.base_prefix,
    'site': sorted(set(os.path.realpath(path) for path in paths if os.path.isdir(path))),
    'markers': {
        'implementation_name': sys.implementation.name,
        'implementation_version': full(sys.implementation.version),
        'os_name': os.name,
        'platform_machine': platform.machine(),
        'platform_python_implementation': platform.python_implementation(),
        'platform_release': platform.release(),
        'platform_system': platform.system(),
        'platform_version': platform.version(),
        'python_full_version': platform.python_version(),
        'python_version': '.'.join(platform.python_version_tuple()[:2]),
        'sys_platform': sys.platform,
    },
}))
`;

/** Asks an interpreter, without any package of its own; `missing` is true when there is no such program. */
export const askInterpreter = async (
  command: string,
  context: ReadContext,
): Promise<Interpreter | { missing: boolean; detail: string }> => {
  const run = await runTool({
    command,
    args: ['-I', '-X', 'utf8', '-c', PROGRAM],
    cwd: '/',
    env: pipEnvironment(),
    timeoutMs: TIMEOUT_MS,
    ...context,
  });
  if (run.outcome === 'missing') return { missing: true, detail: `there is no ${command}` };
  if (run.outcome === 'exited' && run.code === 0) return JSON.parse(run.stdout) as Interpreter;
  const said = lastLines(run.stderr) || `it ended with ${run.code ?? run.outcome}`;
  return { missing: false, detail: `${command} does not run: ${said}` };
};
