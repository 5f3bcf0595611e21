import {
  EVENT_TYPES,
  type AccessToken,
  type ApproverKey,
  type PrincipalRecord,
} from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';

/** `before` is what it was; undefined for somebody new. */
export const principalEvent = (
  actor: string,
  after: PrincipalRecord,
  before: PrincipalRecord | undefined,
): EventDraft => ({
  type: EVENT_TYPES.principalChanged,
  subject: `principals/${after.id}`,
  actor,
  data: {
    principal: after.id,
    kind: after.kind,
    role: after.role,
    state: after.state,
    name: after.name,
    person: after.person,
    before:
      before === undefined
        ? null
        : { role: before.role, state: before.state, person: before.person },
  },
});

/** `with`: the token that it was made with. */
export const tokenIssuedEvent = (
  actor: string,
  token: AccessToken,
  parent: string | undefined,
): EventDraft => ({
  type: token.type === 'session' ? EVENT_TYPES.sessionStarted : EVENT_TYPES.tokenIssued,
  subject: `tokens/${token.id}`,
  actor,
  data: {
    token: token.id,
    principal: token.principal,
    label: token.label,
    scopes: token.scopes,
    expires_at: token.expires_at,
    with: parent ?? null,
  },
});

/** `by_itself`: it was sent with the call that ended it. */
export const tokenEndedEvent = (
  actor: string,
  token: AccessToken,
  byItself: boolean,
): EventDraft => ({
  type: token.type === 'session' ? EVENT_TYPES.sessionEnded : EVENT_TYPES.tokenRevoked,
  subject: `tokens/${token.id}`,
  actor,
  data: { token: token.id, principal: token.principal, label: token.label, by_itself: byItself },
});

/** `makers`: of the token that it was registered with, see KeyStore. */
export const keyEvent = (
  actor: string,
  key: ApproverKey,
  makers: readonly string[],
): EventDraft => ({
  type: EVENT_TYPES.keyChanged,
  subject: `keys/${key.id}`,
  actor,
  data: {
    key: key.id,
    principal: key.principal,
    public_key: key.public_key,
    state: key.state,
    makers,
  },
});

export const loginFailedEvent = (actor: string, reason: string): EventDraft => ({
  type: EVENT_TYPES.loginFailed,
  subject: 'login',
  actor,
  data: { reason },
});
