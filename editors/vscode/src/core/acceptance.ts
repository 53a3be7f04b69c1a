/** Which part of ghost text has been taken. Pure. */

/** Ghost text of ours that VS Code was handed. */
export interface Offer {
  readonly uri: string;
  /** Where the text begins. */
  readonly line: number;
  readonly character: number;
  readonly text: string;
  /** The number in the arguments of its command. */
  readonly number: number;
}

export const ACCEPTED = 'codestral.accepted';
const MOST = 20;

/** The number of an item of the server; undefined for an item of somebody else. */
export function numberIn(command: unknown): number | undefined {
  const { command: id, arguments: given } = (command ?? {}) as Record<string, unknown>;
  const number = id === ACCEPTED && Array.isArray(given) ? given[1] : undefined;
  return typeof number === 'number' ? number : undefined;
}

/** The latest offers, the newest first; the older ones may still be on the screen. */
export function remember(offers: readonly Offer[], more: readonly Offer[]): Offer[] {
  const known = offers.filter(
    (each) => !more.some((one) => one.number === each.number && one.uri === each.uri),
  );
  return [...more, ...known].slice(0, MOST);
}

/**
 * By how many UTF-16 units VS Code 1.139 leaves the caret short of the end of a text that it has put
 * in: it takes a character of two units for one, with ghost text of any extension, and where that
 * would be within a character it goes before it.
 */
export function shortfallOf(text: string): number {
  const last = text.split('\n').at(-1) ?? '';
  const place = [...last].length;
  const isWithin = place < last.length && /[\udc00-\udfff]/.test(last.charAt(place));
  return last.length - place + (isWithin ? 1 : 0);
}

/** Where a text ends that begins at a place. */
export function endOf(line: number, character: number, text: string): [number, number] {
  const lines = text.split('\n');
  const length = lines.at(-1)?.length ?? 0;
  return lines.length === 1 ? [line, character + length] : [line + lines.length - 1, length];
}

/** UTF-16 units of an offer's text that stand in the document now, up to the cursor. */
export interface Taken {
  readonly offer: Offer;
  readonly units: number;
}

/**
 * What has been taken between two looks at a document. `before` and `after` bring the text from a
 * place up to the cursor, undefined if the cursor stands before it.
 *
 * Of a text that is there completely, VS Code has run the command by itself.
 */
export function takenOf(
  offers: readonly Offer[],
  before: (offer: Offer) => string | undefined,
  after: (offer: Offer) => string | undefined,
): Taken | undefined {
  for (const offer of offers) {
    const [old, now] = [before(offer), after(offer)].map((text) => text?.replaceAll('\r\n', '\n'));
    if (
      old !== undefined &&
      now !== undefined &&
      now.length > old.length &&
      offer.text.startsWith(old) &&
      offer.text.startsWith(now)
    ) {
      return now.length < offer.text.length ? { offer, units: now.length } : undefined;
    }
  }
  return undefined;
}
