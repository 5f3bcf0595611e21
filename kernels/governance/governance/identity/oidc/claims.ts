import { createHash } from 'node:crypto';
import { ROLES, type Role } from '@holdfast/contracts';
import type { Claims, OidcSettings } from './oidc-client.ts';

const MOST_NAME_CHARS = 200;

/**
 * The id of somebody who logs in, which is also the person: made of issuer and subject, since a subject means something
 * only together with its issuer (OpenID Connect Core section 2).
 */
export const principalIdOf = (issuer: string, subject: string): string =>
  `oidc:${createHash('sha256').update(`${issuer}#${subject}`).digest('hex').slice(0, 40)}`;

/** The highest role that the provider's groups give; undefined: they give none. */
export const roleOf = (settings: OidcSettings, claims: Claims): Role | undefined => {
  const claim = claims[settings.role_claim];
  const groups = (Array.isArray(claim) ? claim : [claim]).filter((one) => typeof one === 'string');
  const given = groups
    .filter((group) => Object.hasOwn(settings.roles, group))
    .map((group) => settings.roles[group]!);
  return ROLES.findLast((role) => (given as Role[]).includes(role)) ?? settings.default_role;
};

/** How they are called, in printable characters. */
export const nameOf = (claims: Claims): string => {
  const found = [claims['name'], claims['preferred_username'], claims['email'], claims.sub].find(
    (one) => typeof one === 'string' && one !== '',
  );
  return String(found)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, MOST_NAME_CHARS)
    .toWellFormed();
};
