import type { ServerResponse } from 'node:http';

export interface OpenCall {
  readonly signal: AbortSignal;
  /** The call is over; `abort`: before its answer was sent. */
  end(abort: boolean): void;
}

/** Signals of running calls. */
export interface CallSignals {
  /**
   * Aborts when the caller's connection closes before the answer was sent, and when the kernel stops. `endless`: a
   * stream, or a call that waits for news.
   */
  of(response: ServerResponse, endless: boolean): AbortSignal;
  /** The same for a call that has no response of its own. */
  open(endless: boolean): OpenCall;
  /** Ends the endless ones, and every one that is still to come; the others finish. */
  endEndless(): void;
}

/** The kernel's own signal gets one listener, not one for each call. */
export const createCallSignals = (stop: AbortSignal): CallSignals => {
  const open = new Map<AbortController, boolean>();
  let ending = false;
  stop.addEventListener('abort', () => {
    for (const call of open.keys()) call.abort();
  });
  const begin = (endless: boolean): OpenCall => {
    const call = new AbortController();
    if (stop.aborted || (ending && endless)) call.abort();
    open.set(call, endless);
    return {
      signal: call.signal,
      end(abort) {
        open.delete(call);
        if (abort) call.abort();
      },
    };
  };
  return {
    of(response, endless) {
      const { signal, end } = begin(endless);
      if (response.closed) end(true);
      response.once('close', () => end(!response.writableFinished));
      return signal;
    },
    open: begin,
    endEndless() {
      ending = true;
      for (const [call, endless] of open) if (endless) call.abort();
    },
  };
};
