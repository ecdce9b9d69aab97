// The one place that asks for the time or for a timer; everything else is handed a `Clock`, so that
// tests need not wait.

/** A timer that has not run yet. */
export interface Timer {
  /** Idempotent; after it the callback does not run any more. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01 UTC; may jump. */
  wallMs(): number;
  /** Runs `callback` once after `delayMs`. It does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** Runs `callback` every `periodMs`. It does not keep the process alive. */
  every(periodMs: number, callback: () => void): Timer;
  /** Waits. It keeps the process alive: for work that must end before the process does. */
  sleep(delayMs: number): Promise<void>;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs).unref();
    return { cancel: () => clearInterval(timer) };
  },
  sleep: (delayMs) => new Promise((wake) => setTimeout(wake, delayMs)),
};
