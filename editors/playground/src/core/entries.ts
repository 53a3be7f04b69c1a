/** What became of the last questions. Pure. */

import type { Failure, Reply } from './reply';

/** How an answer fared on the page; "" while it is still to be seen. */
export type Fate = '' | 'accepted' | 'accepted in part' | 'dismissed' | 'typed' | 'passed by';

export interface Entry {
  readonly id: number;
  readonly time: Date;
  readonly language: string;
  readonly trigger: 'automatic' | 'invoked';
  readonly outcome: { readonly reply: Reply } | { readonly failure: Failure };
  /** Milliseconds from the question to the first text and to the end, as the page saw them. */
  readonly first?: number;
  readonly last: number;
  readonly fate: Fate;
}

export const MOST_ENTRIES = 20;

/** The entries with a new one, which comes first. */
export function withEntry(entries: readonly Entry[], entry: Entry): Entry[] {
  return [entry, ...entries].slice(0, MOST_ENTRIES);
}

/** The entries when it is known how an answer fared. */
export function withFate(entries: readonly Entry[], id: number, fate: Fate): readonly Entry[] {
  return entries.map((each) => (each.id === id ? { ...each, fate: after(each.fate, fate) } : each));
}

/** What was taken in part stays that, unless the rest was taken or typed as well. */
function after(before: Fate, fate: Fate): Fate {
  if (before !== 'accepted in part') {
    return fate;
  }
  return fate === 'accepted' || fate === 'typed' ? 'accepted' : before;
}
