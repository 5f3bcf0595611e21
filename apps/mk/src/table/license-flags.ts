import { flagTable } from '../frame/flag-spec.ts';
import { outFlag } from './shared-flags.ts';

export const licenseVerifyFlags = flagTable({
  license: { kind: 'text', placeholder: 'FILE', brief: 'The licence' },
  'root-public-keys': { kind: 'text', placeholder: 'FILE', brief: 'Key ring that is believed' },
  'trust-chain': { kind: 'switch', brief: 'Believe the keys of an issuer keyset' },
  'issuer-keyset': { kind: 'text', placeholder: 'FILE', brief: 'Issuer keyset for --trust-chain' },
  ...outFlag,
});

export const keygenFlags = flagTable({
  kid: { kind: 'text', placeholder: 'ID', required: true, brief: 'Id of the new key' },
  'out-priv': {
    kind: 'text',
    placeholder: 'FILE',
    required: true,
    brief: 'Private key, raw 32 bytes, readable by its owner only',
  },
  'out-keyring': { kind: 'text', placeholder: 'FILE', required: true, brief: 'Key ring to write' },
  'merge-keyring': { kind: 'text', placeholder: 'FILE', brief: 'Key ring whose keys stay' },
});

export const issueFlags = flagTable({
  kid: { kind: 'text', placeholder: 'ID', required: true, brief: 'Key that signs' },
  org: { kind: 'text', placeholder: 'NAME', required: true, brief: 'Whom the licence is for' },
  expires: {
    kind: 'text',
    placeholder: 'TIME',
    required: true,
    brief: 'Its end, such as 2030-01-01T00:00:00Z',
  },
  entitlements: {
    kind: 'text',
    placeholder: 'A,B',
    required: true,
    brief: 'What it allows, separated by commas',
  },
  out: { kind: 'text', placeholder: 'FILE', required: true, brief: 'Licence to write' },
  priv: { kind: 'text', placeholder: 'FILE', brief: 'Private key of the issuer' },
});

export const mintDevFlags = flagTable({
  out: {
    kind: 'text',
    placeholder: 'FILE',
    default: './license_dev.json',
    brief: 'Licence to write',
  },
  'out-keyring': {
    kind: 'text',
    placeholder: 'FILE',
    default: './license_dev_public_keys.json',
    brief: 'Key ring to write',
  },
});
