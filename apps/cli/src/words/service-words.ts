import { state } from '../output.ts';
import type { ServiceStatus } from '../service/service-manager.ts';

const yesNo = (value: boolean | null, yes: string, no: string): string =>
  value === null ? `${state('unknown')} whether ${yes}` : state(value ? yes : no);

/** A service as its manager sees it. */
export const serviceWords = (status: ServiceStatus): string => {
  const { manager, scope, name, file, installed, ours, enabled, running, pid, detail } = status;
  const foreign = installed && !ours ? ' by somebody else' : '';
  return [
    `${name} (${manager}, ${scope}): ${state(installed ? 'installed' : 'not installed')}${foreign}, ${yesNo(enabled, 'enabled', 'not enabled')}, ${yesNo(running, 'running', 'not running')}${pid === null ? '' : `, pid ${pid}`}`,
    `  ${detail}`,
    `  ${file}`,
  ].join('\n');
};
