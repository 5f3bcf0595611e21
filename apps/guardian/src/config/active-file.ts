import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError, activeConfigSchema, type ActiveConfig } from '@holdfast/contracts';
import { replaceJson } from '@holdfast/sdk/process';
import { settingsRevision } from './settings-revision.ts';

const NAME = 'configs/active.json';

export const activePath = (home: string): string => join(home, ...NAME.split('/'));

const broken = (detail: string): HoldfastError =>
  new HoldfastError('config_invalid', {
    kernel: 'guardian',
    detail: `${NAME}: ${detail}; what it held was put there by a change, restore it or remove it to go back to the profile files`,
  });

/** What is laid over the profile files without any change. */
export const plainConfig = (profile: string): ActiveConfig => ({
  profile,
  overrides: {},
  revision: settingsRevision(profile, {}),
  change: null,
});

const decode = (text: string): ActiveConfig => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken('not valid JSON');
  }
  const parsed = activeConfigSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw broken(`${issue?.path.join('.') || 'the top'}: ${issue?.message.toLowerCase()}`);
  }
  const { profile, overrides, revision } = parsed.data;
  if (settingsRevision(profile, overrides) === revision) return parsed.data;
  throw broken('its revision is not that of its content, so that it was edited');
};

/** Undefined when there is none. Throws config_invalid, which names the file, for anything but what was written there. */
export const readActive = async (home: string): Promise<ActiveConfig | undefined> => {
  let text: string;
  try {
    text = await readFile(activePath(home), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw broken(`reading it: ${code}`);
  }
  return decode(text);
};

/** Atomic and durable when it resolves. */
export const writeActive = (home: string, active: ActiveConfig): Promise<void> =>
  replaceJson(activePath(home), active);
