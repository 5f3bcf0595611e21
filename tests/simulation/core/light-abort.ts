type Listener = () => void;
type Given = Listener | { handleEvent(): void };

const ABORTED = new DOMException('This operation was aborted', 'AbortError');

/** By this the platform knows whose listeners it may count. */
const COUNTED: unique symbol = Symbol.for('nodejs.event_target');

/**
 * What the kernels use of AbortSignal, without the weight of an EventTarget: a history makes hundreds, and those of the
 * platform hold each other weakly, so that what they do would depend on when memory is cleaned up.
 */
class LightSignal {
  static readonly [COUNTED] = true;
  aborted = false;
  reason: unknown;
  onabort: Listener | null = null;
  private readonly listeners = new Map<Given, Listener>();

  addEventListener(_: 'abort', listener: Given): void {
    if (this.aborted || this.listeners.has(listener)) return;
    const run = typeof listener === 'function' ? listener : () => listener.handleEvent();
    this.listeners.set(listener, run);
  }
  removeEventListener(_: 'abort', listener: Given): void {
    this.listeners.delete(listener);
  }
  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
  end(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const all = [...this.listeners.values()];
    this.listeners.clear();
    this.onabort?.();
    for (const run of all) run.call(this);
  }

  static any(signals: readonly LightSignal[]): LightSignal {
    const both = new LightSignal();
    const first = signals.find(({ aborted }) => aborted);
    if (first) both.end(first.reason);
    for (const signal of signals) signal.addEventListener('abort', () => both.end(signal.reason));
    return both;
  }
  static abort(reason: unknown = ABORTED): LightSignal {
    const signal = new LightSignal();
    signal.end(reason);
    return signal;
  }
  static timeout(ms: number): never {
    throw new Error(`AbortSignal.timeout(${ms}) was used within a history`);
  }
}

class LightController {
  readonly signal = new LightSignal();
  abort(reason: unknown = ABORTED): void {
    this.signal.end(reason);
  }
}

/** Replaces AbortController and AbortSignal of this thread. */
export const installLightAbort = (): void => {
  globalThis.AbortController = LightController as unknown as typeof AbortController;
  globalThis.AbortSignal = LightSignal as unknown as typeof AbortSignal;
};
