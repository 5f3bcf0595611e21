import { assess, environmentOf, telemetryOf } from '@holdfast/tuning';
import { envelope } from '../artifacts/envelope.ts';
import { secondStamp } from '../artifacts/times.ts';
import { writePolicyBundle } from '../bundle/policy-bundle.ts';
import { actionResults, applySummary, countReasons } from './action-results.ts';
import { applyFields, applyOkOf, blockedLineOf, blockedReasonOf } from './apply-fields.ts';
import { NOT_REQUESTED, type ApplyOutcome } from './apply-outcome.ts';
import { traceEvent, TRACE_FILE, TRACE_SCHEMA } from './decision-trace.ts';
import type { IterationOutcome } from './iteration-outcome.ts';
import { look, type Looked } from './look.ts';
import type { LoopContext } from './loop-context.ts';
import { propose, type Proposed } from './propose.ts';
import { ingestFields } from './source-facts.ts';
import { sourceKind } from './source-kind.ts';
import { summaryText } from './summary-text.ts';
import { valueFields } from './value-fields.ts';

const MODE = 'CLOSED_LOOP';

interface Pass {
  readonly startedMs: number;
  readonly looked: Looked;
  readonly proposed: Proposed;
  readonly phase: ApplyOutcome;
}

/** The decision in three lines for people: what was seen, what is proposed, what became of it. */
const decisionLines = ({ looked, proposed, phase }: Pass): string[] => [
  `Seen: ${looked.signals.notes.join(', ') || 'nothing out of the ordinary'}.`,
  `Proposed: ${proposed.decision.proposed.map(({ knob, target }) => `${knob} to ${target}`).join(', ') || 'nothing'}.`,
  `Outcome: ${applySummary(phase.end)}.`,
];

const resultsOf = ({ proposed, phase }: Pass) =>
  actionResults(proposed.decision.proposed, proposed.blocked, phase.end);

const writeReport = (context: LoopContext, pass: Pass, assessment: object): string => {
  const { options, out, now, env } = context;
  const { looked, proposed, phase, startedMs } = pass;
  const results = resultsOf(pass);
  const trace = out.appendLine(
    TRACE_FILE,
    traceEvent({
      tick: context.tick,
      mode: MODE,
      signals: looked.signals,
      actions: proposed.decision.proposed,
      results: {
        apply_requested: options.apply,
        dry_run: !options.apply,
        apply_attempted: phase.attempted,
        apply_ok: applyOkOf(phase),
        verify_ok: phase.verification?.ok ?? null,
        blocked_reason: blockedReasonOf(phase),
        kill_switch_active: applyFields(phase, env).kill_switch_active,
        kill_switch_signal: applyFields(phase, env).kill_switch_signal,
        blocked_reasons: countReasons(results, 'blocked'),
      },
    }),
  );
  const { path } = out.report('closed_loop', {
    ...envelope({
      startedMs,
      finishedMs: now(),
      outDir: out.path,
      mode: MODE,
      apply: options.apply,
    }),
    status: 'ok',
    policy: options.policy,
    signals: looked.signals,
    telemetry: telemetryOf(looked.observed.series),
    environment: environmentOf(looked.observed.series),
    proposed: proposed.decision.proposed,
    proposed_actions_count: proposed.decision.proposed.length,
    results,
    applied: results.filter(({ applied }) => applied).map(({ action }) => action),
    blocked_reasons: countReasons(results, 'blocked'),
    applied_reasons: countReasons(results, 'applied'),
    ...valueFields(looked, env),
    k8s_plan_path: proposed.planPath,
    k8s_plan_items: proposed.items.length,
    k8s_kubectl_plan_path: proposed.scriptPath,
    k8s_namespace: options.target.namespace,
    k8s_deployment: options.target.name,
    ...applyFields(phase, env),
    standalone_forced: options.standalone,
    decision_summary: decisionLines(pass),
    ...ingestFields(looked.observed),
    safety_cooldown_s: options.cooldownS,
    safety_max_delta_per_step: options.maxDeltaPerStep,
    audit_trace: { path: trace, schema_version: TRACE_SCHEMA },
    ...assessment,
  });
  out.explain('closed_loop_report', { report_path: path });
  return out.pathOf('closed_loop_latest.json');
};

const writeSummary = ({ options, out }: LoopContext, pass: Pass): void => {
  const { looked, proposed, phase, startedMs } = pass;
  const results = resultsOf(pass);
  out.text(
    'summary.md',
    summaryText({
      startedAt: secondStamp(startedMs),
      policy: options.policy,
      target: `${options.target.kind} ${options.target.namespace}/${options.target.name}`,
      sampleCount: looked.observed.series.length,
      signals: looked.signals,
      proposed: results.length,
      applied: results.filter(({ applied }) => applied).length,
      blocked: results.filter(({ blocked }) => blocked).length,
      applyRequested: options.apply,
      verifyOk: phase.verification?.ok ?? null,
      applyOk: applyOkOf(phase),
      blockedReason: blockedReasonOf(phase),
      decision: applySummary(phase.end),
      planPath: proposed.planPath,
    }),
  );
};

/** The code that applies is read when something is applied: a dry run starts without it. */
const applyWhereAsked = async (
  context: LoopContext,
  looked: Looked,
  proposed: Proposed,
): Promise<ApplyOutcome> => {
  if (!context.options.apply) return NOT_REQUESTED;
  const { applyPhase } = await import('./apply-phase.ts');
  const phase = await applyPhase(context, proposed);
  if (phase.end.kind !== 'applied') return phase;
  const { settleApply } = await import('../regression/settle-apply.ts');
  return settleApply(context, looked, phase);
};

/** One pass of the loop: observe, signals, proposals, plan, and with apply verify, gate, apply. Writes all artifacts. */
export const runIteration = async (context: LoopContext): Promise<IterationOutcome> => {
  const { options, out, now } = context;
  const startedMs = now();
  const looked = await look(context);
  const proposed = propose(context, looked);
  const phase = await applyWhereAsked(context, looked, proposed);
  out.explain('closed_loop_apply_result', {
    apply_attempted: phase.attempted,
    apply_ok: applyOkOf(phase),
    apply_blocked_reason: blockedReasonOf(phase),
  });
  const pass: Pass = { startedMs, looked, proposed, phase };
  const params = {
    cooldown_s: options.cooldownS,
    max_delta_per_step: options.maxDeltaPerStep,
    approve_advanced: options.approveAdvanced,
  };
  const bundle = writePolicyBundle({
    out,
    now,
    policy: { id: options.policy, params },
    rollback: phase.rollback,
  });
  out.explain('policy_decision', { policy: options.policy, policy_bundle_path: bundle });
  const assessment = assess({
    series: looked.observed.series,
    signals: looked.signals,
    window_s: looked.observed.window_s,
    source: sourceKind(options.collect.source),
    actionable_proposal_count: proposed.decision.allowed.length,
  });
  const reportPath = writeReport(context, pass, assessment);
  writeSummary(context, pass);
  const results = resultsOf(pass);
  const applied = results.filter((result) => result.applied);
  return {
    outDir: out.path,
    reportPath,
    explainPath: out.pathOf('explain.jsonl'),
    rollbackPath: phase.rollback?.path ?? null,
    proposed: results.length,
    applied: applied.length,
    blocked: results.filter(({ blocked }) => blocked).length,
    appliedActions: results
      .filter(({ blocked }) => !blocked && applyOkOf(phase) === true)
      .map(({ action }) => action),
    applyRequested: options.apply,
    verifyOk: phase.verification?.ok ?? null,
    applyAttempted: phase.attempted,
    applyOk: applyOkOf(phase),
    blockedReason: blockedReasonOf(phase),
    blockedLine: blockedLineOf(phase),
    changeId: phase.changeId ?? null,
    revert: phase.revert ?? null,
    revertReason: phase.revert === undefined ? null : (phase.watch?.reason ?? null),
    assessment,
    ingest: looked.observed.ingest,
    record: looked.observed.record,
  };
};
