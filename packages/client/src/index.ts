export * from './client.ts';
export * from './http-transport.ts';
export * from './kept-connections.ts';
export * from './patient.ts';
export * from './request-line.ts';
