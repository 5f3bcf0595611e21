export * from '../files/durable-json.ts';
export * from './control-path.ts';
export * from './line-socket.ts';
export * from './listen-handle.ts';
export * from './owner-of-port.ts';
export * from './process-age.ts';
export * from './process-identity.ts';
export * from './token-record.ts';
