import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** `rules` is null where they cannot be read, and `reason` says why. The first lines; `total` counts them all. */
export interface FirewallRules {
  readonly rules: readonly string[] | null;
  readonly total: number;
  readonly reason: string;
}

const run = promisify(execFile);
const KEPT_LINES = 20;
const LIMITS = { timeout: 2_000, maxBuffer: 1024 * 1024, windowsHide: true };

const READERS: Readonly<Partial<Record<NodeJS.Platform, readonly (readonly string[])[]>>> = {
  linux: [['nft', 'list', 'ruleset'], ['iptables-save']],
  darwin: [['pfctl', '-s', 'rules']],
  win32: [['netsh', 'advfirewall', 'show', 'currentprofile']],
};

const firstLine = (error: unknown): string => {
  const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
  if (code === 'ENOENT') return 'not installed';
  return (stderr?.trim() || message).split('\n')[0]!.slice(0, 120);
};

/** Reads the rules of the packet filter, with the tool of the platform and no more rights than there are. */
export const readFirewallRules = async (): Promise<FirewallRules> => {
  const reasons: string[] = [];
  for (const [program = '', ...args] of READERS[process.platform] ?? []) {
    try {
      const { stdout } = await run(program, args, LIMITS);
      const lines = stdout.split('\n').flatMap((line) => line.trim() || []);
      return { rules: lines.slice(0, KEPT_LINES), total: lines.length, reason: `from ${program}` };
    } catch (error) {
      reasons.push(`${program}: ${firstLine(error)}`);
    }
  }
  const reason = reasons.join('; ') || `not read on ${process.platform}`;
  return { rules: null, total: 0, reason };
};
