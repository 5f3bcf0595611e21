import type { ServerResponse } from 'node:http';

/** Signals of running calls. */
export interface CallSignals {
  /**
   * Aborts when the caller's connection closes before the answer was sent, and when the kernel stops. `endless`: a
   * stream, or a call that waits for news.
   */
  of(response: ServerResponse, endless: boolean): AbortSignal;
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
  return {
    of(response, endless) {
      const call = new AbortController();
      if (stop.aborted || response.closed || (ending && endless)) call.abort();
      open.set(call, endless);
      response.once('close', () => {
        open.delete(call);
        if (!response.writableFinished) call.abort();
      });
      return call.signal;
    },
    endEndless() {
      ending = true;
      for (const [call, endless] of open) if (endless) call.abort();
    },
  };
};
