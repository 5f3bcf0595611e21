export * from './join-problems.ts';
export * from './lay-over.ts';
export * from './load-profile.ts';
