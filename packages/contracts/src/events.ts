/**
 * Every event type that the product publishes. The `infrastructure.*` topics are those of the fabric document
 * where it names one.
 */
export const EVENT_TYPES = {
  hostRegistered: 'infrastructure.host.registered',
  hostStatusChanged: 'infrastructure.host.status_changed',
  healthSummary: 'infrastructure.health.summary',
  enrolmentCreated: 'infrastructure.enrolment.created',
  agentEnrolled: 'infrastructure.agent.enrolled',
  baselineSet: 'infrastructure.baseline.set',
  dependenciesScanned: 'infrastructure.dependencies.detected',
  dependencyDrift: 'infrastructure.dependency.drift',
  dependencyInSync: 'infrastructure.dependency.in_sync',
  updateProposed: 'infrastructure.update.proposed',
  updateCompleted: 'infrastructure.update.completed',
  changeProposed: 'change.proposed',
  changePlanned: 'change.planned',
  changeVerified: 'change.verified',
  changeDecided: 'change.decided',
  changeApproved: 'change.approved',
  changeRejected: 'change.rejected',
  changeCancelled: 'change.cancelled',
  changeExpired: 'change.expired',
  changeStateChanged: 'change.state_changed',
  changeFinished: 'change.finished',
  stepStarted: 'change.step.started',
  stepFinished: 'change.step.finished',
  killSwitchOn: 'governance.kill_switch.on',
  killSwitchOff: 'governance.kill_switch.off',
  kernelStarted: 'kernel.started',
} as const;

export type EventType = (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];
