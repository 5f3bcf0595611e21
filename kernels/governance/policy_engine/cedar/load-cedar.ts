import { setFlagsFromString } from 'node:v8';

/** The policy language: parser, validator and evaluator, compiled to WebAssembly. One instance in a process. */
export type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs');

let loading: Promise<Cedar> | undefined;

const load = (): Promise<Cedar> => {
  // V8 of Node 20 ends the process when it has inlined a call that returns a reference (as all of these do) and then has
  // to take the optimised code back while the call runs.
  setFlagsFromString('--no-turbo-inline-js-wasm-calls');
  return import('@cedar-policy/cedar-wasm/nodejs');
};

/** Loads it on first use, once: a process that only decides does without its tens of megabytes. */
export const loadCedar = (): Promise<Cedar> => (loading ??= load());
