export * from '../../../packages/sdk/src/process/listen-handle.ts';
export * from '../../../packages/sdk/src/process/owner-of-port.ts';
export * from '../../../packages/sdk/src/process/process-identity.ts';
export * from '../../../packages/sdk/src/process/token-record.ts';
export * from '../../../packages/sdk/src/profile/join-problems.ts';
export * from '../../../packages/sdk/src/profile/load-profile.ts';
