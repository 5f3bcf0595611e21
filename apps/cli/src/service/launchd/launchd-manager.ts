import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../cli-error.ts';
import { readOwnFile, refuseForeign, removeOwnFile, writeOwnFile } from '../own-file.ts';
import type { RunTool, ToolResult } from '../run-tool.ts';
import type { ServiceManager } from '../service-manager.ts';
import { SERVICE_NAME, type Scope } from '../service-spec.ts';
import { renderPlist } from './render-plist.ts';

const LABEL = `${SERVICE_NAME}.stack`;
const LAUNCHCTL = '/bin/launchctl';
/** The stop of a stack takes its time; `bootout` may answer before the job is gone. */
const GONE_TRIES = 180;
const PAUSE_MS = 500;

export interface LaunchdOptions {
  readonly scope: Scope;
  readonly uid: number;
  /** Folder with `holdfast.plist`. */
  readonly templates: string;
  readonly run: RunTool;
  readonly launchctl?: string;
  /** Folder of property lists; that of the scope when absent. */
  readonly plists?: string;
}

const plistFolder = (scope: Scope): string =>
  scope === 'system' ? '/Library/LaunchDaemons' : join(homedir(), 'Library', 'LaunchAgents');

/** launchd makes no folder for it, so it lies where logs of its kind lie. */
const errorsFile = (scope: Scope): string =>
  scope === 'system'
    ? `/var/log/${SERVICE_NAME}.err`
    : join(homedir(), 'Library', 'Logs', `${SERVICE_NAME}.err`);

const pick = (text: string, name: string): string | undefined =>
  new RegExp(`^\\s*${name} = (.+)$`, 'm').exec(text)?.[1];

/** launchd: a daemon of the machine or an agent of a user who is logged in. */
export const createLaunchdManager = (options: LaunchdOptions): ServiceManager => {
  const { scope, uid, templates, run, launchctl = LAUNCHCTL } = options;
  const file = join(options.plists ?? plistFolder(scope), `${LABEL}.plist`);
  const domain = scope === 'system' ? 'system' : `gui/${uid}`;
  const target = `${domain}/${LABEL}`;
  const advice = `\`launchctl print ${target}\` shows its last exit`;
  const ask = (...args: string[]): Promise<ToolResult> => run(launchctl, args);
  const must = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await ask(...args);
    if (code === 0) return;
    throw new CliError(`launchctl ${args.join(' ')}: ${stderr || `exit ${code}`}`, {
      next: advice,
    });
  };
  const loaded = async (): Promise<boolean> => (await ask('print', target)).code === 0;
  const unload = async (): Promise<void> => {
    if (!(await loaded())) return;
    await ask('bootout', target);
    for (let tries = 0; await loaded(); tries += 1) {
      if (tries === GONE_TRIES) throw new CliError(`${target}: does not stop`, { next: advice });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const manager: ServiceManager = {
    id: 'launchd',
    scope,
    advice,
    async unavailable() {
      if (!existsSync(launchctl)) return `launchd is not here: ${launchctl} is missing`;
      const { code, stderr } = await ask('print', domain);
      if (code === 0) return undefined;
      return `launchd has no domain ${domain}: ${stderr || `exit ${code}`}`;
    },
    render: (spec) => ({
      file,
      text: renderPlist(readFileSync(join(templates, 'holdfast.plist'), 'utf8'), spec, {
        label: LABEL,
        errors: errorsFile(scope),
      }),
    }),
    async install(spec) {
      const changed = writeOwnFile(file, manager.render(spec).text);
      const before = await manager.status();
      if (!changed && before.running && before.enabled) return { changed: false };
      // A job keeps the property list that it was loaded with.
      await unload();
      await must('enable', target);
      await must('bootstrap', domain, file);
      return { changed: true };
    },
    async uninstall() {
      const found = readOwnFile(file);
      if (found === undefined) return { removed: false };
      refuseForeign(file, found);
      await unload();
      removeOwnFile(file);
      return { removed: true };
    },
    async status() {
      const found = readOwnFile(file);
      const unavailable = await manager.unavailable();
      const facts = {
        manager: 'launchd',
        scope,
        name: LABEL,
        file,
        installed: found !== undefined,
        ours: found?.ours === true,
      };
      if (unavailable !== undefined)
        return { ...facts, enabled: null, running: null, pid: null, detail: unavailable };
      const [printed, switches] = [await ask('print', target), await ask('print-disabled', domain)];
      const pid = Number(pick(printed.stdout, 'pid') ?? 0);
      const off = new RegExp(`"${LABEL}" => (?:true|disabled)`).test(switches.stdout);
      return {
        ...facts,
        enabled: printed.code === 0 && !off,
        running: pid > 0,
        pid: pid > 0 ? pid : null,
        detail:
          printed.code === 0
            ? `${pick(printed.stdout, 'state') ?? 'loaded'}, last exit ${pick(printed.stdout, 'last exit code') ?? 'none'}`
            : 'not loaded',
      };
    },
  };
  return manager;
};
