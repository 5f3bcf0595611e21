export * from './join-problems.ts';
export * from './lay-over.ts';
export * from './load-profile.ts';
export * from './merge-profiles.ts';
export type { Mapping } from './profile-file.ts';
