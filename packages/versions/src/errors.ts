import { redactUrl } from './redact-url.ts';

/**
 * What each refusal of package input means. The codes are stable: callers compare `code`, never the
 * text. Every one is the fault of the input, so none of them is worth a retry.
 */
export const PACKAGE_INPUT_ERRORS = {
  invalid_package_name: 'a package name breaks the rules of its ecosystem or is unsafe',
  invalid_version: 'a version is not one of its ecosystem',
  invalid_specifier: 'a version specifier cannot be read',
  unmanaged_specifier: 'a specifier names a place (path, URL, tag), not versions',
  invalid_marker: 'an environment marker cannot be read or compared',
  unknown_marker_variable: 'an environment marker uses a variable that is not known',
  invalid_requirement: 'a requirement line cannot be read',
  include_refused: 'an included file lies outside the given set, or is absent from it',
  include_cycle: 'included files include each other',
  too_many_requirements: 'requirements files have more lines than any real ones',
  conflicting_pins: 'one package is pinned to two versions',
  invalid_package_json: 'package.json or package-lock.json has the wrong shape',
} as const;

export type PackageInputCode = keyof typeof PACKAGE_INPUT_ERRORS;

/** Where a problem was found: a file name as the caller gave it, and a line counted from 1. */
export interface InputLocation {
  file?: string;
  line?: number;
  /** Dotted path inside a JSON document, e.g. `dependencies.left-pad`. */
  key?: string;
}

/** Input that was refused. `message` is fit for display: it carries no secret and no stack. */
export class PackageInputError extends Error {
  readonly code: PackageInputCode;
  readonly location: InputLocation;

  constructor(code: PackageInputCode, message: string, location: InputLocation = {}) {
    super(message);
    this.name = 'PackageInputError';
    this.code = code;
    this.location = location;
  }
}

/** A package name that is malformed or could be taken for a path, an option or shell text. */
export class InvalidPackageName extends PackageInputError {
  constructor(manager: string, name: unknown, why: string) {
    super('invalid_package_name', `${manager} package name ${quoted(name)} is refused: ${why}`);
    this.name = 'InvalidPackageName';
  }
}

/**
 * A value for an error text: credentials hidden, JSON-quoted so that control characters show, and at
 * most 80 characters.
 */
export function quoted(value: unknown): string {
  const kind = value === null ? 'null' : typeof value;
  const text = typeof value === 'string' ? redactUrl(value.slice(0, 2000)) : `(${kind})`;
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
