import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

/** The settings with which a stack that does not run starts next. */
export interface NextProfile {
  readonly profile: string;
  readonly revision: string;
  readonly dropped: readonly string[];
  readonly changed: boolean;
  readonly effective: Readonly<Record<string, unknown>>;
}

const answerOf = (error: unknown): { code?: string; message?: string } => {
  try {
    return JSON.parse((error as { stdout?: string }).stdout ?? '') as object;
  } catch {
    return {};
  }
};

/** Says with which profile a stopped stack starts next; with a name it is that one from now on. Throws why not. */
export const nextProfile = async (
  context: CliContext,
  profile: string | undefined,
): Promise<NextProfile> => {
  const program = fileURLToPath(new URL('guardian-profile.js', context.dist));
  const { HOLDFAST_PROFILE: _, PROFILE: __, ...others } = context.process.env;
  const wanted = profile === undefined ? {} : { HOLDFAST_PROFILE: profile };
  const env = { ...others, HOLDFAST_HOME: context.home, ...wanted };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
    return JSON.parse(stdout) as NextProfile;
  } catch (cause) {
    const { code, message } = answerOf(cause);
    const words = message === undefined ? 'reading the profile failed' : `${message} (${code})`;
    throw new CliError(words, { cause });
  }
};
