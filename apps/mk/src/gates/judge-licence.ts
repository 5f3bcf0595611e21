import { homedir } from 'node:os';
import { evaluateForApply } from '@holdfast/license';
import type { LicenceVerdict } from './apply-facts.ts';

/** Where licences and key rings are looked for. */
export const surroundings = (env: NodeJS.ProcessEnv) => ({
  env,
  cwd: process.cwd(),
  home: env['HOME'] || homedir(),
});

/** Evaluates the licence for an apply. `nowMs`: milliseconds since the epoch; `context`: the present kube context. */
export const judgeLicence = (question: {
  readonly env: NodeJS.ProcessEnv;
  readonly path: string | undefined;
  readonly context: string | null;
  readonly nowMs: number;
}): LicenceVerdict => {
  const { license_ok, reason, license_path, report } = evaluateForApply({
    licensePath: question.path,
    around: surroundings(question.env),
    nowS: question.nowMs / 1000,
    kubeContext: question.context ?? undefined,
  });
  return {
    ok: license_ok,
    ...(reason === 'ok' ? {} : { reason }),
    detail: report?.failure_detail ?? (reason === 'entitlement_missing' ? 'apply' : reason),
    path: license_path,
    expiresAt: report?.expires_at ?? null,
    entitlements: report?.entitlements ?? [],
  };
};
