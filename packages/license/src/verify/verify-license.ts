import { byCodePoint } from '../json/canonical-text.ts';
import type { JsonObject } from '../json/json-value.ts';
import type { Keyring } from '../keys/keyring.ts';
import { LicenseRefusal, type LicenseFailure } from './failure.ts';
import { readIssuerKeyset } from './issuer-keyset.ts';
import { readFields, type LicenseFields, type LicenseOrigin } from './license-fields.ts';
import {
  isSignedByOneOf,
  readDocument,
  type DocumentFailures,
  type FoundText,
} from './signed-document.ts';

/**
 * Whose signature counts: the keys of a ring, or with `chain` those of an issuer keyset that a key of the ring signed.
 * An empty ring may say in `detail` why it is empty.
 */
export interface Trust {
  readonly ring: Keyring;
  readonly detail?: string;
  readonly chain?: { readonly keyset?: FoundText };
}

export interface Verification {
  readonly license: FoundText;
  readonly trust: Trust;
  /** Seconds since 1970. */
  readonly nowS: number;
  /** The context that kubectl would use; undefined where none is known, which no bound licence fits. */
  readonly kubeContext?: string;
}

export interface LicenseVerdict extends LicenseOrigin {
  /** Undefined: the licence holds. */
  readonly failure?: { readonly code: LicenseFailure; readonly detail: string };
  /** Seconds since 1970; undefined until the signature held. */
  readonly expiresAt?: bigint;
  /** Trimmed, unique, by code point; empty until the signature held. */
  readonly entitlements: readonly string[];
}

const FAILURES: DocumentFailures = {
  missing: 'license_io_error',
  io: 'license_io_error',
  json: 'license_invalid_json',
  shape: 'license_invalid_shape',
};

/** Checks a `license.v1` in the order of the contract; the first thing wrong is the failure. Never throws. */
export const verifyLicense = (verification: Verification): LicenseVerdict => {
  const verdict: { -readonly [Key in keyof LicenseVerdict]: LicenseVerdict[Key] } = {
    entitlements: [],
  };
  try {
    const document = readDocument(verification.license, FAILURES);
    const fields = readFields(document, verdict);
    checkSignature(document, verdict.kid, verification.trust);
    verdict.expiresAt = fields.expiresAt;
    verdict.entitlements = summaryOf(fields.entitlements);
    checkTimes(fields, BigInt(Math.floor(verification.nowS)));
    checkBindings(fields.bindings, verification.kubeContext);
  } catch (error) {
    if (!(error instanceof LicenseRefusal)) throw error;
    verdict.failure = { code: error.code, detail: error.message };
  }
  return verdict;
};

/** With a kid only its key counts; without one, any key of the ring. */
const checkSignature = (document: JsonObject, kid: string | undefined, trust: Trust): void => {
  const { ring, detail, chain } = trust;
  if (ring.size === 0)
    throw new LicenseRefusal(
      chain === undefined ? 'public_keys_unavailable' : 'root_public_keys_unavailable',
      detail,
    );
  const keys = chain === undefined ? ring : readIssuerKeyset(chain.keyset, ring);
  const named = kid === undefined ? [...keys.values()] : [keys.get(kid)];
  const known = named.filter((key) => key !== undefined);
  if (known.length === 0)
    throw new LicenseRefusal(
      chain === undefined ? 'license_unknown_kid' : 'license_unknown_issuer_kid',
    );
  if (!isSignedByOneOf(document, known)) throw new LicenseRefusal('license_signature_invalid');
};

const checkTimes = ({ issuedAt, expiresAt }: LicenseFields, now: bigint): void => {
  if (issuedAt >= expiresAt) throw new LicenseRefusal('license_time_window_invalid');
  if (now < issuedAt) throw new LicenseRefusal('license_not_yet_valid');
  if (now >= expiresAt) throw new LicenseRefusal('license_expired');
};

/** A binding that is not known here cannot be checked, so it does not hold. */
const checkBindings = (bindings: JsonObject, kubeContext: string | undefined): void => {
  for (const name of bindings.keys())
    if (name !== 'kube_context')
      throw new LicenseRefusal('license_binding_invalid', 'expected no binding but kube_context');
  const bound = bindings.get('kube_context');
  if (bound === undefined) return;
  if (typeof bound !== 'string' || bound.trim() === '')
    throw new LicenseRefusal('license_binding_invalid', 'the bound kube_context is no text');
  if (bound !== kubeContext)
    throw new LicenseRefusal(
      'license_binding_mismatch',
      kubeContext === undefined
        ? 'the licence is bound to a kube context, and none is current'
        : undefined,
    );
};

const summaryOf = (entitlements: readonly string[]): readonly string[] =>
  [...new Set(entitlements.map((entitlement) => entitlement.trim()))]
    .filter((entitlement) => entitlement !== '')
    .sort(byCodePoint);
