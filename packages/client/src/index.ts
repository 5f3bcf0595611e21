export * from './client.ts';
export * from './http-transport.ts';
export * from './request-line.ts';
