import { SECRET_HEADER, type Principal } from '@holdfast/contracts';
import { internalHeaders } from '@holdfast/sdk';

/** A caller, with what each of its requests needs made ready once. */
export interface Identity {
  /** undefined: nobody in particular, calling what anyone may call. */
  readonly principal: Principal | undefined;
  /** Header fields that make a kernel believe it: name, value, name, value. */
  readonly headers: readonly string[];
}

export const createIdentity = (secret: string, principal: Principal): Identity => ({
  principal,
  headers: Object.entries(internalHeaders(secret, principal)).flat(),
});

export const anonymousIdentity = (secret: string): Identity => ({
  principal: undefined,
  headers: [SECRET_HEADER, secret],
});
