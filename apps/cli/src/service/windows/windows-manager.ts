import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../cli-error.ts';
import type { RunTool } from '../run-tool.ts';
import type { ServiceManager, ServiceStatus } from '../service-manager.ts';
import { renderSettings } from './render-settings.ts';

const NAME = 'Holdfast';

export interface WindowsOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Folder with `service.ps1` and the source of the service program. */
  readonly templates: string;
  readonly run: RunTool;
}

type Answer = Pick<
  ServiceStatus,
  'installed' | 'ours' | 'enabled' | 'running' | 'pid' | 'detail'
> & { readonly changed: boolean };

/** The service manager of Windows. `service.ps1` asks it; nothing is shared between its runs. */
export const createWindowsManager = (options: WindowsOptions): ServiceManager => {
  const { env, platform, templates, run } = options;
  const system = env['SystemRoot'] ?? 'C:\\Windows';
  const powershell = join(system, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  const file = join(env['ProgramFiles'] ?? 'C:\\Program Files', NAME, 'HoldfastService.conf');
  const call = async (action: string, ...more: string[]): Promise<Answer> => {
    const policy = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'];
    const script = ['-File', join(templates, 'service.ps1'), '-Action', action, ...more];
    const { code, stdout, stderr } = await run(powershell, [...policy, ...script]);
    if (code === 0) return JSON.parse(stdout) as Answer;
    throw new CliError(`service ${action}: ${stderr || `PowerShell ended with ${code}`}`);
  };
  const manager: ServiceManager = {
    id: 'windows',
    scope: 'system',
    advice: 'the event log "Application", source "Holdfast", says why',
    unavailable: () =>
      Promise.resolve(platform === 'win32' ? undefined : 'this system is not Windows'),
    render: (spec) => ({ file, text: renderSettings(spec) }),
    async install(spec) {
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-service-'));
      const settings = join(folder, 'settings');
      try {
        writeFileSync(settings, manager.render(spec).text);
        const { changed } = await call('install', '-Settings', settings);
        return { changed };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    async uninstall() {
      const { changed } = await call('uninstall');
      return { removed: changed };
    },
    async status() {
      const { changed: _, ...facts } = await call('status');
      return { manager: 'windows', scope: 'system', name: NAME, file, ...facts };
    },
  };
  return manager;
};
