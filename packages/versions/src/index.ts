export { InvalidPackageName, PACKAGE_INPUT_ERRORS, PackageInputError } from './errors.ts';
export type { InputLocation, PackageInputCode } from './errors.ts';
export { isPackageManager, normalizeName, PACKAGE_MANAGERS } from './manager.ts';
export type { PackageManager } from './manager.ts';
export { compareVersions, isValidVersion, sameVersion } from './compare.ts';
export { satisfies } from './satisfies.ts';
export { parseSpec } from './spec.ts';
export type { ParsedSpec, Purpose, UnmanagedSpec, VersionSpec } from './spec.ts';
export { evaluateMarker } from './markers.ts';
export type { MarkerEnvironment } from './markers.ts';
export { MARKER_VARIABLES, parseMarker } from './marker-parser.ts';
export type { Marker, MarkerVariable } from './marker-parser.ts';
export { parseRequirement } from './requirement.ts';
export type { Requirement } from './requirement.ts';
export { parseRequirementsTxt } from './requirements-txt.ts';
export type {
  FileOption,
  FileRequirement,
  ParsedRequirements,
  UnmanagedRequirement,
} from './requirements-txt.ts';
export type { RequirementFiles } from './requirements-include.ts';
export { formatOption } from './requirements-options.ts';
export { redactUrl } from './redact-url.ts';
export { parsePackageJson } from './package-json.ts';
export type { PackageJsonEntry, ParsedPackageJson, UnmanagedPackage } from './package-json.ts';
export { baselineFromPackageJson, baselineFromRequirements } from './declared-baseline.ts';
export { prepareBaseline } from './baseline.ts';
export type { BaselineEntry, PreparedBaseline } from './baseline.ts';
export type { Coverage, Inventory } from './inventory.ts';
export { computeDrift, NOT_INSTALLED } from './drift.ts';
export type { DriftEntry, DriftReport, DriftStatus, UnknownEntry } from './drift.ts';
export { driftFingerprint } from './drift-fingerprint.ts';
