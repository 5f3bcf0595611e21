import { buildRouteMap } from '@stricli/core';
import {
  booleanFlag,
  command,
  onePositional,
  stringFlag,
  twoPositional,
} from '../define-command.ts';

const loadPrincipals = () => import('../commands/principals.ts');
const loadTokens = () => import('../commands/tokens.ts');
const loadKeys = () => import('../commands/keys.ts');

const one = onePositional('Principal', 'ID');
const ofPrincipal = stringFlag('Only of this principal', 'ID', { optional: true });

export const principals = buildRouteMap({
  docs: { brief: 'People and programs who may call' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List everybody who may call, beside the owner',
      load: async () => (await loadPrincipals()).principalsList,
    }),
    add: command({
      brief: 'Add a person or an AI agent, with a role that is not above your own',
      positional: one,
      flags: {
        role: stringFlag('viewer, operator or admin', 'ROLE', { default: 'viewer' }),
        ai: booleanFlag('An AI agent: it proposes and never approves'),
        name: stringFlag('How they are called', 'TEXT', { optional: true }),
        person: stringFlag('Who stands behind it, when that is somebody known', 'ID', {
          optional: true,
        }),
      },
      load: async () => (await loadPrincipals()).principalsAdd,
    }),
    setRole: command({
      brief: 'Change what somebody may do',
      positional: twoPositional(['Principal', 'ID'], ['viewer, operator or admin', 'ROLE']),
      load: async () => (await loadPrincipals()).principalsSetRole,
    }),
    link: command({
      brief: 'Say who somebody is at the identity provider: both names then count as one person',
      positional: one,
      flags: {
        issuer: stringFlag('Its address, exactly as in the profile', 'URL'),
        subject: stringFlag('How it names the person (the claim `sub`)', 'TEXT'),
      },
      load: async () => (await loadPrincipals()).principalsLink,
    }),
    disable: command({
      brief: 'Stop all tokens and keys of somebody at once, for good',
      positional: one,
      load: async () => (await loadPrincipals()).principalsDisable,
    }),
    enable: command({
      brief: 'Let somebody in again; they need new tokens and keys',
      positional: one,
      load: async () => (await loadPrincipals()).principalsEnable,
    }),
  },
});

export const tokens = buildRouteMap({
  docs: { brief: 'Tokens by which people and programs call' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List your tokens and sessions; of everybody, for an admin',
      flags: { principal: ofPrincipal },
      load: async () => (await loadTokens()).tokensList,
    }),
    create: command({
      brief: 'Make a token; it is shown once',
      flags: {
        principal: stringFlag('For somebody else, as an admin', 'ID', { optional: true }),
        label: stringFlag('What it is for', 'TEXT', { default: '' }),
        scope: stringFlag(
          '*, read, KERNEL:*, KERNEL:read or op:OPERATION; may be repeated',
          'SCOPE',
          { variadic: true, optional: true },
        ),
        expires: stringFlag('How long: 90m, 12h, 30d; 366d at most', 'TIME', { default: '30d' }),
      },
      load: async () => (await loadTokens()).tokensCreate,
    }),
    revoke: command({
      brief: 'End a token or session at once, and what was made with it',
      positional: onePositional('Token id, without the secret', 'ID'),
      load: async () => (await loadTokens()).tokensRevoke,
    }),
  },
});

export const keys = buildRouteMap({
  docs: { brief: 'Keys with which people sign decisions' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List keys',
      flags: { principal: ofPrincipal },
      load: async () => (await loadKeys()).keysList,
    }),
    init: command({
      brief: 'Make your key on this machine and register it, unless that was done',
      flags: { new: booleanFlag('Put the one that is there aside and make another') },
      load: async () => (await loadKeys()).keysInit,
    }),
    confirm: command({
      brief: 'Confirm the key of somebody else, as an admin',
      positional: onePositional('Key id', 'ID'),
      load: async () => (await loadKeys()).keysConfirm,
    }),
    revoke: command({
      brief: 'Revoke a key: what it signed and was not applied yet does not count any more',
      positional: onePositional('Key id', 'ID'),
      load: async () => (await loadKeys()).keysRevoke,
    }),
  },
});

export const session = {
  login: command({
    brief: 'Log in at the identity provider with a browser',
    flags: {
      port: stringFlag('Port of this machine to come back to; any when 0', 'PORT', {
        default: '0',
      }),
    },
    load: async () => (await import('../commands/login.ts')).login,
  }),
  logout: command({
    brief: 'End the session of the last login',
    load: async () => (await import('../commands/logout.ts')).logout,
  }),
  whoami: command({
    brief: 'Say in whose name the command line acts',
    load: async () => (await import('../commands/whoami.ts')).whoami,
  }),
};
