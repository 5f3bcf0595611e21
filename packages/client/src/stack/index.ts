export * from './access-error.ts';
export * from './config-folder.ts';
export * from './credentials.ts';
export * from './private-file.ts';
export * from './stack-place.ts';
