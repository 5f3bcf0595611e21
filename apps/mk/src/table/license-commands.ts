import { command } from '../frame/command.ts';
import { issueFlags, keygenFlags, licenseVerifyFlags, mintDevFlags } from './license-flags.ts';

export const LICENSE_COMMANDS = [
  command({
    path: 'license verify',
    brief: 'Check a licence and say what it allows',
    flags: licenseVerifyFlags,
    load: async () => (await import('../commands/license-verify.ts')).licenseVerify,
  }),
  command({
    path: 'license keygen',
    brief: 'Make a key that can sign licences',
    flags: keygenFlags,
    load: async () => (await import('../commands/license-keygen.ts')).licenseKeygen,
  }),
  command({
    path: 'license issue',
    brief: 'Sign a licence',
    flags: issueFlags,
    load: async () => (await import('../commands/license-issue.ts')).licenseIssue,
  }),
  command({
    path: 'license mint-dev',
    brief: 'Make a licence and a key ring for development',
    flags: mintDevFlags,
    load: async () => (await import('../commands/license-mint-dev.ts')).licenseMintDev,
  }),
];
