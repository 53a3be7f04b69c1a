/**
 * VS Code's rule of 750 ms. Pure.
 *
 * With `editor.quickSuggestions.other` at its default `offWhenInlineCompletions`, VS Code 1.139
 * drops ghost text that has not come within 750 ms and opens its own list instead: measured as a
 * cancellation 720 to 760 ms after the request has arrived, without any key typed.
 */

/**
 * Less than 750, for a request may be late at the extension; and nothing is too late: on a busy
 * machine so is the cancellation, and no other rule of VS Code's takes back a request in peace.
 */
const SOONEST_MS = 400;

/** What is known of a request that has been cancelled. */
export interface Cancelled {
  readonly afterMs: number;
  readonly automatic: boolean;
  /** Whether neither text, cursor nor window has changed since: otherwise the user was the cause. */
  readonly untouched: boolean;
}

/** Whether the rule was the cause. */
export function isTooLate(request: Cancelled): boolean {
  const { afterMs, automatic, untouched } = request;
  return automatic && untouched && afterMs >= SOONEST_MS;
}

/** Whether the user has left the setting at the default; `chosen` is what stands in the settings. */
export function isAtDefault(effective: unknown, chosen: readonly unknown[]): boolean {
  const other = otherOf(effective);
  const decided = chosen.some((each) => each !== undefined && otherOf(each) !== undefined);
  return other === 'offWhenInlineCompletions' && !decided;
}

function otherOf(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    return (value as Record<string, unknown>)['other'];
  }
  return value;
}

/** The setting that ends the rule: what the user has said of comments and strings stays. */
export function withoutLimit(chosen: unknown): Record<string, unknown> {
  const kept = typeof chosen === 'object' && chosen !== null ? chosen : {};
  return { ...kept, other: 'on' };
}

/** What the user has answered, as it is kept. */
export interface Answered {
  readonly never: boolean;
  /** Milliseconds since 1970 at which he was last asked. */
  readonly asked: number;
}

const AGAIN_MS = 7 * 24 * 3600 * 1000;

/** Whether he may be asked (again). */
export function mayAsk(answered: Answered | undefined, now: number): boolean {
  return answered === undefined || (!answered.never && now - answered.asked >= AGAIN_MS);
}
