import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../cli-error.ts';
import { readOwnFile, refuseForeign, removeOwnFile, writeOwnFile } from '../own-file.ts';
import type { RunTool, ToolResult } from '../run-tool.ts';
import type { ServiceManager } from '../service-manager.ts';
import { SERVICE_NAME, type Scope } from '../service-spec.ts';
import { renderUnit } from './render-unit.ts';

const UNIT = `${SERVICE_NAME}.service`;
/** Exists where systemd is the first process: sd_booted(3). */
const BOOTED = '/run/systemd/system';
const PROPERTIES = 'LoadState,UnitFileState,ActiveState,SubState,MainPID,Result,NRestarts';

export interface SystemdOptions {
  readonly scope: Scope;
  readonly env: NodeJS.ProcessEnv;
  /** Folder with `user.service` and `system.service`. */
  readonly templates: string;
  readonly run: RunTool;
  readonly bootedMark?: string;
  /** Folder of units; that of the scope when absent. */
  readonly units?: string;
}

const unitFolder = (scope: Scope, env: NodeJS.ProcessEnv): string =>
  scope === 'system'
    ? '/etc/systemd/system'
    : join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'systemd', 'user');

/** `Key=value` lines of `systemctl show`. */
export const readProperties = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );

/** systemd, that of the machine or that of a user. */
export const createSystemdManager = (options: SystemdOptions): ServiceManager => {
  const { scope, env, templates, run, bootedMark = BOOTED } = options;
  const file = join(options.units ?? unitFolder(scope, env), UNIT);
  const flags = scope === 'user' ? ['--user'] : [];
  const advice = `\`journalctl ${[...flags, '-u', SERVICE_NAME].join(' ')}\` shows why`;
  const ask = (...args: string[]): Promise<ToolResult> => run('systemctl', [...flags, ...args]);
  const must = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await ask(...args);
    if (code === 0) return;
    throw new CliError(`systemctl ${[...flags, ...args].join(' ')}: ${stderr || `exit ${code}`}`, {
      next: advice,
    });
  };
  const manager: ServiceManager = {
    id: 'systemd',
    scope,
    advice,
    async unavailable() {
      if (!existsSync(bootedMark))
        return `systemd is not the first process of this system: ${bootedMark} is missing`;
      const { code, stderr } = await ask('show', '--property=Version');
      return code === 0 ? undefined : `systemd does not answer: ${stderr || `exit ${code}`}`;
    },
    render: (spec) => ({
      file,
      text: renderUnit(readFileSync(join(templates, `${scope}.service`), 'utf8'), spec),
    }),
    async install(spec) {
      const changed = writeOwnFile(file, manager.render(spec).text);
      const before = await manager.status();
      if (changed) await must('daemon-reload');
      if (!before.enabled) await must('enable', UNIT);
      if (changed || !before.running) await must(changed ? 'restart' : 'start', UNIT);
      return { changed: changed || !before.running || !before.enabled };
    },
    async uninstall() {
      const found = readOwnFile(file);
      if (found === undefined) return { removed: false };
      refuseForeign(file, found);
      await must('disable', '--now', UNIT);
      removeOwnFile(file);
      await must('daemon-reload');
      // It may be remembered as failed; that it is not is no reason to complain.
      await ask('reset-failed', UNIT);
      return { removed: true };
    },
    async status() {
      const found = readOwnFile(file);
      const facts = { manager: 'systemd', scope, name: UNIT, file };
      const unavailable = await manager.unavailable();
      const installed = found !== undefined;
      const ours = found?.ours === true;
      if (unavailable !== undefined) {
        const unknown = { enabled: null, running: null, pid: null };
        return { ...facts, installed, ours, ...unknown, detail: unavailable };
      }
      const { stdout } = await ask('show', UNIT, `--property=${PROPERTIES}`);
      const told = readProperties(stdout);
      const say = (name: string): string => told.get(name) ?? '';
      const pid = Number(say('MainPID'));
      return {
        ...facts,
        installed: installed || say('LoadState') === 'loaded',
        ours,
        enabled: say('UnitFileState') === 'enabled',
        running: say('ActiveState') === 'active',
        pid: pid > 0 ? pid : null,
        detail: `${say('ActiveState')} (${say('SubState')}), result ${say('Result')}, restarts ${say('NRestarts')}`,
      };
    },
  };
  return manager;
};
