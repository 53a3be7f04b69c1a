/**
 * Ghost text as a promise of what the document becomes. Pure; places are in UTF-16 units.
 *
 * As long as what is typed leads to the promised document, nothing has to be asked again.
 */

/** One text, and how many characters behind the caret it takes the place of. */
export interface Candidate {
  readonly text: string;
  readonly replaces: number;
}

/**
 * What is offered at `from`. Between there and `caret` stands what was typed of it since; `put`
 * counts the closers that the editor has put behind the caret by itself meanwhile.
 */
export interface Offer {
  readonly id: number;
  readonly from: number;
  readonly caret: number;
  readonly put: number;
  readonly typed: string;
  readonly candidates: readonly Candidate[];
  readonly chosen: number;
  readonly growing: boolean;
}

/** What an edit left: where the caret is, and what stands before and behind it in the region. */
export interface Edited {
  readonly caret: number;
  readonly typed: string;
  readonly behind: string;
}

const CLOSERS = /^[)\]}>"'`]*$/;
const NONE: Candidate = { text: '', replaces: 0 };

/** An offer of which nothing is known yet. */
export function begin(id: number, caret: number): Offer {
  return {
    id,
    from: caret,
    caret,
    put: 0,
    typed: '',
    candidates: [NONE],
    chosen: 0,
    growing: true,
  };
}

function chosenOf(offer: Offer): Candidate {
  return offer.candidates[offer.chosen] ?? NONE;
}

/** What is shown behind the caret. */
export function remainder(offer: Offer): string {
  return chosenOf(offer).text.slice(offer.typed.length);
}

/** How many characters behind the caret go when it is accepted. */
export function replaced(offer: Offer): number {
  return Math.max(0, chosenOf(offer).replaces + offer.put);
}

function fits(offer: Offer, { text, replaces }: Candidate): boolean {
  const { typed, put, growing } = offer;
  if (replaces + put < 0) {
    return false;
  }
  const agrees = text.startsWith(typed) && text.length > typed.length;
  return agrees || (growing && typed.startsWith(text));
}

/** The offer with a candidate that fits what stands there, the chosen one if it does; else none. */
function settled(offer: Offer): Offer | undefined {
  if (fits(offer, chosenOf(offer))) {
    return offer;
  }
  const chosen = offer.candidates.findIndex((each) => fits(offer, each));
  return chosen < 0 ? undefined : { ...offer, chosen };
}

/** The offer after an edit within its region; undefined if it leads elsewhere. */
export function follow(offer: Offer, edited: Edited): Offer | undefined {
  const { caret, typed, behind } = edited;
  const put = behind.length - chosenOf(offer).replaces;
  if (caret < offer.from || (put > 0 && !CLOSERS.test(behind.slice(0, put)))) {
    return undefined;
  }
  return settled({ ...offer, caret, typed, put });
}

/** The offer when more of its text has come. */
export function grow(offer: Offer, text: string): Offer | undefined {
  return settled({ ...offer, candidates: [{ text, replaces: 0 }], chosen: 0 });
}

/** The offer when all of it is known. */
export function finish(offer: Offer, candidates: readonly Candidate[]): Offer | undefined {
  return settled({ ...offer, candidates, chosen: 0, growing: false });
}

/** How many of its candidates fit, and which of these is shown, counted from 1. */
export function choices(offer: Offer): { shown: number; all: number } {
  const fitting = offer.candidates.filter((each) => fits(offer, each));
  return { shown: fitting.indexOf(chosenOf(offer)) + 1, all: fitting.length };
}

/** The offer with the next candidate that fits, or with `step` -1 the one before. */
export function turn(offer: Offer, step: 1 | -1): Offer {
  const count = offer.candidates.length;
  for (let i = 1; i < count; i++) {
    const chosen = (offer.chosen + step * i + count) % count;
    const other = offer.candidates[chosen];
    if (other && fits(offer, other)) {
      return { ...offer, chosen };
    }
  }
  return offer;
}
