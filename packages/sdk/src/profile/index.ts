export * from './join-problems.ts';
export * from './load-profile.ts';
