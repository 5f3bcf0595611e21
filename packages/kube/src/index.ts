export type {
  AccessOutcome,
  AccessQuestion,
  Cluster,
  ListOutcome,
  LogRequest,
  LogStream,
  ObjectOutcome,
  Outcome,
  PatchOptions,
  Probe,
} from './cluster.ts';
export { CALL_TIMEOUT_MS, FIELD_MANAGER } from './cluster.ts';
export { openCluster } from './open-cluster.ts';
export type { OpenClusterOptions } from './open-cluster.ts';
export { findKubeConfig } from './api/find-kube-config.ts';
export type { KubeConfigSource } from './api/find-kube-config.ts';
export { findProgram } from './kubectl/find-program.ts';
export { mergePatch } from './merge-patch.ts';
export { badNames } from './names.ts';
export { patchForKind, podTemplates, templateAnnotations } from './pod-templates.ts';
export { parseRbacDenial } from './rbac-denial.ts';
export type { RbacDenial } from './rbac-denial.ts';
export { applyPlan } from './report/apply-plan.ts';
export type { AppliedItem, ApplyOptions, PlanApplication } from './report/apply-plan.ts';
export type { BlockerKind, VerifyBlocker } from './report/blocker.ts';
export { versionKey } from './report/plan-ref.ts';
export type {
  DryRun,
  PlanObject,
  PlanVerification,
  VerifiedItem,
  VerifyDiagnostics,
} from './report/plan-verification.ts';
export { preflight } from './report/preflight.ts';
export type { Preflight, PreflightCheck } from './report/preflight.ts';
export { verifyPlan } from './report/verify-plan.ts';
export { WORKLOAD_KINDS, workloadKind } from './workload.ts';
export type { KubeObject, WorkloadKind, WorkloadRef } from './workload.ts';
