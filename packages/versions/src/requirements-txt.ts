import { PackageInputError, quoted } from './errors.ts';
import type { InputLocation } from './errors.ts';
import { parseRequirement } from './requirement.ts';
import type { Requirement } from './requirement.ts';
import { readFile, resolveInclude } from './requirements-include.ts';
import type { RequirementFiles } from './requirements-include.ts';
import { logicalLines } from './requirements-lines.ts';
import { checkPins } from './conflicting-pins.ts';
import { isSupportedOption, readOptions, splitOptions } from './requirements-options.ts';
import type { OptionToken } from './requirements-options.ts';
import { redactUrl } from './redact-url.ts';
import { eggName, locationReason } from './unmanaged-requirement.ts';
import type { UnmanagedReason } from './unmanaged-requirement.ts';

/** Where an item stands: a name in the given set, and a line counted from 1. */
export interface SourceLine {
  file: string;
  line: number;
}

export interface FileRequirement extends SourceLine, Omit<Requirement, 'url'> {
  /** `algorithm:hex`, as written after `--hash`. */
  hashes: string[];
}

/** `value` is raw and may hold credentials: show it through `formatOption` only. */
export interface FileOption extends SourceLine, OptionToken {
  status: 'supported' | 'unsupported';
}

/** `text` is redacted. `name` is known for `name @ url` and for a legal `#egg=`. */
export interface UnmanagedRequirement extends SourceLine {
  name?: string;
  text: string;
  reason: UnmanagedReason;
}

export interface ParsedRequirements {
  requirements: FileRequirement[];
  /** From `-c` files: they bound packages without asking for them. */
  constraints: FileRequirement[];
  options: FileOption[];
  unmanaged: UnmanagedRequirement[];
}

const HASH = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/i;
const MAX_PROBLEMS_SHOWN = 5;
/** Lines of all files together, without empty ones and comments. */
const MAX_LINES = 20_000;
/** Some packages list hundreds of hashes in one logical line. */
const MAX_LINE_LENGTH = 100_000;

/**
 * Reads a requirements file and everything it includes from a set of texts; touches no disk. Each
 * file is read once per role, as requirements or as constraints.
 *
 * At most 20,000 lines; no package may be pinned to two versions under one marker.
 *
 * @throws PackageInputError with the code and location of the first problem; its message lists up to
 *   five problems as `file:line: text`
 */
export function parseRequirementsTxt(input: {
  files: RequirementFiles;
  entry: string;
}): ParsedRequirements {
  const { files, entry } = input;
  const result: ParsedRequirements = {
    requirements: [],
    constraints: [],
    options: [],
    unmanaged: [],
  };
  const problems: PackageInputError[] = [];
  const done = new Set<string>();
  let lines = 0;

  function readInto(role: 'requirements' | 'constraints', file: string, path: string[]): void {
    if (done.has(`${role} ${file}`)) return;
    done.add(`${role} ${file}`);
    for (const { line, text } of logicalLines(readFile(files, file) as string)) {
      lines += 1;
      if (lines > MAX_LINES) throw tooMany({ file, line });
      try {
        readLine(role, text, { file, line }, [...path, file]);
      } catch (error) {
        if (!(error instanceof PackageInputError)) throw error;
        problems.push(located(error, { file, line }));
      }
    }
  }

  function readLine(
    role: 'requirements' | 'constraints',
    text: string,
    at: SourceLine,
    path: string[],
  ): void {
    if (text.length > MAX_LINE_LENGTH) throw invalid('the line is longer than any real one');
    const { body, words } = splitOptions(text);
    const tokens = readOptions(words);
    if (!tokens) throw invalid(`options in ${quoted(text)} cannot be read`);
    if (body !== '') return readRequirement(role, body, tokens, at);
    for (const token of tokens) {
      const { option, value = '' } = token;
      if (option === '--requirement') include('requirements', value, at, path);
      else if (option === '--constraint') include('constraints', value, at, path);
      else if (option === '--editable') addUnmanaged(value, 'editable', at);
      else addOption(token, at);
    }
  }

  function include(
    role: 'requirements' | 'constraints',
    target: string,
    at: SourceLine,
    path: string[],
  ): void {
    const name = resolveInclude(files, at.file, target, at);
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(' -> ');
      throw new PackageInputError('include_cycle', `files include each other: ${circle}`, at);
    }
    readInto(role, name, path);
  }

  function readRequirement(
    role: 'requirements' | 'constraints',
    body: string,
    tokens: OptionToken[],
    at: SourceLine,
  ): void {
    const hashes = tokens
      .filter(({ option }) => option === '--hash')
      .map(({ value = '' }) => value);
    const weak = hashes.find((hash) => !HASH.test(hash));
    if (weak !== undefined) throw invalid(`hash ${quoted(weak)} is not sha256, sha384 or sha512`);
    const reason = locationReason(body);
    if (reason) addUnmanaged(body, reason, at);
    else {
      const { url, ...requirement } = parseRequirement(body);
      if (url) addUnmanaged(body, locationReason(url) ?? 'url', at, requirement.name);
      else result[role].push({ ...requirement, hashes, ...at });
    }
    for (const token of tokens) if (token.option !== '--hash') addOption(token, at, false);
  }

  function addUnmanaged(
    text: string,
    reason: UnmanagedReason,
    at: SourceLine,
    name = eggName(text),
  ): void {
    result.unmanaged.push({ ...(name && { name }), text: redactUrl(text), reason, ...at });
  }

  function addOption(token: OptionToken, at: SourceLine, known = true): void {
    const supported = known && isSupportedOption(token.option) && token.option !== '--hash';
    result.options.push({ ...token, status: supported ? 'supported' : 'unsupported', ...at });
  }

  readInto('requirements', resolveInclude(files, '', entry, { file: entry }), []);
  if (problems.length > 0) throw summary(problems);
  checkPins([...result.requirements, ...result.constraints]);
  return result;
}

function tooMany(at: SourceLine): PackageInputError {
  const message = `there are more than ${MAX_LINES} requirement lines`;
  return new PackageInputError('too_many_requirements', message, at);
}

function invalid(message: string): PackageInputError {
  return new PackageInputError('invalid_requirement', message);
}

function located(error: PackageInputError, at: SourceLine): PackageInputError {
  return error.location.file ? error : new PackageInputError(error.code, error.message, at);
}

function summary(problems: PackageInputError[]): PackageInputError {
  const [first] = problems as [PackageInputError];
  const shown = problems.slice(0, MAX_PROBLEMS_SHOWN).map(({ location, message }) => {
    return `${where(location)}: ${message}`;
  });
  const hidden = problems.length - shown.length;
  if (hidden > 0) shown.push(`and ${hidden} more`);
  return new PackageInputError(first.code, shown.join('\n'), first.location);
}

function where({ file, line }: InputLocation): string {
  return `${file}:${line}`;
}
