import { HoldfastError } from '@holdfast/contracts';
import { PackageInputError } from '@holdfast/versions';

const refusal = (name: string): string | undefined => {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'its name holds control characters';
  if (name.includes('\\')) return 'its name holds a backslash';
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'its name is an absolute path';
  const parts = name.split('/');
  if (parts.includes('..')) return 'its name leaves the directory';
  if (parts.includes('') || parts.includes('.')) return 'its name has an empty part';
  return undefined;
};

/** Refuses file names that are not plain relative paths with manifest_invalid. */
export const checkFileNames = (files: Readonly<Record<string, string>>): void => {
  for (const name of Object.keys(files)) {
    const detail = refusal(name);
    if (detail) throw new HoldfastError('manifest_invalid', { file: JSON.stringify(name), detail });
  }
};

/** Runs a parser; its refusals become package_name_invalid or manifest_invalid of the file. */
export const readManifest = <T>(file: string, parse: () => T): T => {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof PackageInputError)) throw cause;
    const where = cause.location.file ?? file;
    if (cause.code === 'invalid_package_name')
      throw new HoldfastError(
        'package_name_invalid',
        { name: where, detail: cause.message },
        { cause },
      );
    const line = cause.location.line === undefined ? '' : `line ${cause.location.line}: `;
    const detail = cause.message.includes(`${where}:`) ? cause.message : `${line}${cause.message}`;
    throw new HoldfastError('manifest_invalid', { file: where, detail }, { cause });
  }
};
