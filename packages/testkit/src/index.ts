export * from './fake-clock.ts';
export * from './test-profile.ts';
export * from './world.ts';
