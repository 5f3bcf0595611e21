import type {
  OpOutput,
  OpParsed,
  Ops,
  Principal,
  guardianApi,
  kernelPortsApi,
  networkHealerApi,
} from '@holdfast/contracts';

type HandlersOf<T extends Ops> = {
  readonly [Name in keyof T]: (
    input: OpParsed<T[Name]>,
    principal: Principal,
  ) => Promise<OpOutput<T[Name]>>;
};

export type NetworkHealerHandlers = HandlersOf<typeof networkHealerApi.ops>;
export type KernelPortsHandlers = HandlersOf<typeof kernelPortsApi.ops>;
export type GuardianApiHandlers = HandlersOf<typeof guardianApi.ops>;

/** Every operation of the guardian's three APIs by name: the compiler refuses a table that lacks one. */
export type GuardianHandlers = NetworkHealerHandlers & KernelPortsHandlers & GuardianApiHandlers;

/** What the stack itself answers. */
export type StackHandlers = Pick<
  GuardianApiHandlers,
  | 'getGuardianStatus'
  | 'getGuardianHealth'
  | 'reload'
  | 'stopStack'
  | 'getActiveConfig'
  | 'checkConfig'
  | 'putConfig'
>;
