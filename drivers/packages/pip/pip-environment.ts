import { toolEnvironment } from '../../process/tool-environment.ts';

/**
 * Settings that say where pip takes packages from stay in force. These say where it puts them, what it selects or how
 * it talks, which is for the driver to decide.
 */
const DECIDED_HERE = [
  'break_system_packages|dry_run|editable|exclude|force_reinstall|format|ignore_installed|local|log|no_deps|not_required',
  'outdated|path|prefix|python|quiet|report|require_virtualenv|requirement|root|root_user_action|src|target|upgrade',
  'upgrade_strategy|uptodate|user|verbose',
].join('|');
const DROPPED = new RegExp(
  `^(?:PYTHON.*|VIRTUAL_ENV|__PYVENV_LAUNCHER__|PIP_(?:${DECIDED_HERE}))$`,
  'i',
);

export const pipEnvironment = (): NodeJS.ProcessEnv =>
  toolEnvironment(DROPPED, {
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    PIP_ROOT_USER_ACTION: 'ignore',
  });
