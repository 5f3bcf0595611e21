import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';

const MODULE = '@cedar-policy/cedar-wasm/nodejs';

type CedarModule = typeof import('@cedar-policy/cedar-wasm/nodejs');
type CedarCalls = Pick<
  CedarModule,
  | 'policySetTextToParts'
  | 'policyToJson'
  | 'validate'
  | 'preparsePolicySet'
  | 'statefulIsAuthorized'
>;

/**
 * The policy language: parser, validator and evaluator, compiled to WebAssembly. A call that brings its machine down
 * throws CedarLost; the next one is answered by a fresh machine, which knows nothing that was parsed before.
 */
export interface Cedar extends CedarCalls {
  /** Which machine answers. */
  generation(): number;
}

/** The machine did not survive a call. */
export class CedarLost extends Error {}

/** After a trap or an overrun stack the memory of a machine is in no known state. */
const isFatal = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError');

/** The language on machines that `instantiate` makes, one at a time. */
export const openCedar = (instantiate: () => CedarCalls): Cedar => {
  let machine: CedarCalls | undefined = instantiate();
  let generation = 1;
  const guard =
    <A extends unknown[], R>(call: (on: CedarCalls) => (...args: A) => R) =>
    (...args: A): R => {
      try {
        return call((machine ??= instantiate()))(...args);
      } catch (error) {
        if (!isFatal(error)) throw error;
        machine = undefined;
        generation += 1;
        throw new CedarLost('the evaluator of policies came down', { cause: error });
      }
    };
  return {
    policySetTextToParts: guard((on) => on.policySetTextToParts),
    policyToJson: guard((on) => on.policyToJson),
    validate: guard((on) => on.validate),
    preparsePolicySet: guard((on) => on.preparsePolicySet),
    statefulIsAuthorized: guard((on) => on.statefulIsAuthorized),
    generation: () => generation,
  };
};

/** A machine of its own, whatever was loaded before. */
const instantiateFresh = (): CedarCalls => {
  const read = createRequire(import.meta.url);
  delete read.cache[read.resolve(MODULE)];
  return read(MODULE) as CedarModule;
};

let loading: Promise<Cedar> | undefined;

const load = async (): Promise<Cedar> => {
  // V8 of Node 20 ends the process when it has inlined a call that returns a reference (as all of these do) and then has
  // to take the optimised code back while the call runs.
  setFlagsFromString('--no-turbo-inline-js-wasm-calls');
  return openCedar(instantiateFresh);
};

/** Loads it on first use, once: a process that only decides does without its tens of megabytes. */
export const loadCedar = (): Promise<Cedar> => (loading ??= load());

/** Why the language cannot be used; undefined while it can. */
export const troubleOf = (cedar: Cedar): string | undefined => {
  try {
    const { type } = cedar.policyToJson('permit (principal, action, resource);');
    return type === 'success' ? undefined : 'the parser of policies refuses a valid statement';
  } catch (error) {
    return error instanceof Error ? error.message : 'the parser of policies does not answer';
  }
};

/** The same of the one of this process. What was never loaded has no trouble. */
export const loadedTrouble = async (): Promise<string | undefined> =>
  loading && troubleOf(await loading);
