import { COMMANDS } from '../table/commands.ts';
import type { MkContext } from './command.ts';
import { asksForHelp, findCommand } from './find-command.ts';
import { EXIT, type ExitCode } from './mk-error.ts';
import { parseFlags } from './parse-flags.ts';

const dispatch = async (args: readonly string[], context: MkContext): Promise<ExitCode> => {
  const found = findCommand(args, COMMANDS);
  if (found.kind === 'group') {
    const { helpOfGroup } = await import('./help.ts');
    context.print(helpOfGroup(found.words, found.commands));
    return EXIT.done;
  }
  const { command, rest } = found;
  if (asksForHelp(rest)) {
    const { helpOfCommand } = await import('./help.ts');
    context.print(helpOfCommand(command));
    return EXIT.done;
  }
  const flags = parseFlags(rest, command.flags);
  const run = await command.load();
  return run(flags as never, context);
};

/** Runs one command to its exit code. Whatever is thrown becomes one line. */
export const runMk = async (args: readonly string[], context: MkContext): Promise<ExitCode> => {
  try {
    return await dispatch(args, context);
  } catch (error) {
    const { explainError } = await import('./explain-error.ts');
    const { line, exit } = explainError(error);
    context.complain(`ERROR: ${line}`);
    return exit;
  }
};
