import * as z from 'zod';
import { PLAN_CLASSES } from './quorum.ts';
import { signalSpecSchema } from './signal.ts';

/** What a step does to one package: a version or null for "not installed", before and after. */
export const packageOperationSchema = z.object({
  package: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
});
export type PackageOperation = z.infer<typeof packageOperationSchema>;

/**
 * One action that a driver carries out. `driver` and `action` name the code, `params` feed it: what a driver may do
 * is decided when the plan is made, never later.
 */
export const stepActionSchema = z.object({
  driver: z.string().max(100),
  action: z.string().max(100),
  params: z.record(z.string(), z.unknown()),
});
export type StepAction = z.infer<typeof stepActionSchema>;

/**
 * Facts about a step from which risk is computed. They are derived by the planner from baseline and inventory, not
 * chosen by the author of a change. `toward_baseline`: the step moves reality to what was declared, by `declared_by` (the
 * principal) with `declared_with` (the id of a token), where they are known. `configure`: a setting of known meaning gets another value. `sensitive`: it touches who may do what, or the rules of changes.
 */
export const stepEffectSchema = z.object({
  toward_baseline: z.boolean(),
  declared_by: z.string().max(200).optional(),
  declared_with: z.string().max(200).optional(),
  movement: z.enum(['install', 'upgrade', 'downgrade', 'remove', 'configure', 'other']),
  major: z.boolean(),
  targets: z.number().int(),
  sensitive: z.boolean().optional(),
});
export type StepEffect = z.infer<typeof stepEffectSchema>;

/** Who declared what a step restores. */
export type Declarer = Pick<StepEffect, 'declared_by' | 'declared_with'>;

/**
 * A step with its inverse, written before it is applied. `inverse` is null where there is none. Steps of the driver
 * `workflow` are carried out by the workflow engine itself: `timer` waits, `approval` waits for a person. `retry`: how
 * often a failed attempt of an idempotent step is repeated, with a pause that doubles from `backoff_ms`.
 */
export const planStepSchema = z.object({
  key: z.string().max(100),
  summary: z.string().max(1000),
  do: stepActionSchema,
  inverse: stepActionSchema.nullable(),
  inverse_summary: z.string().max(1000),
  effect: stepEffectSchema,
  retry: z
    .object({
      attempts: z.number().int().min(1).max(20),
      backoff_ms: z.number().int().min(0).max(600_000),
    })
    .optional(),
});
export type PlanStep = z.infer<typeof planStepSchema>;

/**
 * The immutable plan. `base` names the state of the world that it was made for; `hash` is the SHA-256 (hex) of the
 * canonical JSON (RFC 8785) of everything else, and is what verification and approvals are bound to. `signals` are
 * measured before the first step and after the last one; `class` chooses whose approval counts (standard unless told).
 */
export const planSchema = z.object({
  change: z.string(),
  kind: z.string(),
  owner: z.string(),
  target: z.record(z.string(), z.string()),
  base: z.object({ revision: z.string(), observed_at: z.iso.datetime() }),
  steps: z.array(planStepSchema).max(2000),
  class: z.enum(PLAN_CLASSES).optional(),
  signals: z.array(signalSpecSchema).max(50).optional(),
  timeout_ms: z.number().int(),
  created_at: z.iso.datetime(),
  hash: z.string(),
});
export type Plan = z.infer<typeof planSchema>;
export type PlanBody = Omit<Plan, 'hash'>;

/** What a dry run saw. `ok` false names the steps that would fail. */
export const verifyReportSchema = z.object({
  plan_hash: z.string(),
  ok: z.boolean(),
  world_revision: z.string(),
  checks: z.array(z.object({ step: z.string(), ok: z.boolean(), detail: z.string().max(4000) })),
  verified_at: z.iso.datetime(),
});
export type VerifyReport = z.infer<typeof verifyReportSchema>;

/** What the owner of a change saw after it was applied. Missing data is `unknown` and fails closed. */
export const observationSchema = z.object({
  status: z.enum(['as_planned', 'different', 'unknown']),
  world_revision: z.string(),
  detail: z.string().max(4000),
  differences: z.array(z.string().max(1000)).max(500),
  observed_at: z.iso.datetime(),
});
export type Observation = z.infer<typeof observationSchema>;

export const STEP_STATES = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'undoing',
  'undone',
  'skipped',
] as const;

/** Progress of one step. `outcome` is what the driver said, with secrets taken out. */
export const stepProgressSchema = z.object({
  key: z.string(),
  state: z.enum(STEP_STATES),
  attempts: z.number().int(),
  outcome: z.string().max(4000).nullable(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
});
export type StepProgress = z.infer<typeof stepProgressSchema>;

/** Answer of one poll of a step that a driver carries out. */
export const stepResultSchema = z.object({
  status: z.enum(['running', 'succeeded', 'failed']),
  code: z.string().optional(),
  detail: z.string().max(4000),
  resumed: z.boolean().optional(),
});
export type StepResult = z.infer<typeof stepResultSchema>;
