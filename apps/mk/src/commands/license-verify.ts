import { VERSION } from '@holdfast/contracts/version';
import { openCluster } from '@holdfast/kube';
import { checkLicense } from '@holdfast/license';
import { openOutDir } from '../artifacts/out-dir.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { surroundings } from '../gates/judge-licence.ts';
import type { licenseVerifyFlags } from '../table/license-flags.ts';

/** Checks a licence and writes what it allows. The context of the cluster is asked for: a licence may be bound to one. */
export const licenseVerify: CommandRun<typeof licenseVerifyFlags> = async (flags, context) => {
  const { env, now, print } = context;
  const out = openOutDir(flags.out, now);
  const named = await openCluster(env, { version: VERSION }).currentContext();
  const { license_path, report } = checkLicense({
    licensePath: flags.license,
    publicKeys: flags['root-public-keys'],
    trustChain: flags['trust-chain'],
    issuerKeyset: flags['issuer-keyset'],
    around: surroundings(env),
    nowS: now() / 1000,
    kubeContext: (named.ok && named.stdout.trim()) || undefined,
  });
  const { latestPath } = out.report('license_verify', { ...report, license_path });
  if (report.license_ok) {
    print(`ok: ${report.entitlements.join(', ') || 'no entitlements'}: ${latestPath}`);
    return EXIT.done;
  }
  throw new MkError(`${report.reason}: ${report.failure_code} (${report.failure_detail})`);
};
