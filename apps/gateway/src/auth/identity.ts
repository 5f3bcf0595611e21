import { SECRET_HEADER, type Principal } from '@holdfast/contracts';
import { internalHeaders } from '@holdfast/sdk';

/** A caller, with what each of its requests needs made ready once. */
export interface Identity {
  /** undefined: nobody in particular, calling what anyone may call. */
  readonly principal: Principal | undefined;
  /** Header lines that make a kernel believe it, each with its CR LF. */
  readonly headerText: string;
}

export const createIdentity = (secret: string, principal: Principal): Identity => ({
  principal,
  headerText: Object.entries(internalHeaders(secret, principal))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join(''),
});

export const anonymousIdentity = (secret: string): Identity => ({
  principal: undefined,
  headerText: `${SECRET_HEADER}: ${secret}\r\n`,
});
