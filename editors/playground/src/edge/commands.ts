/** What keys do with ghost text. Each returns whether there was something to do. */

import { isolateHistory } from '@codemirror/commands';
import { Annotation, Prec } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';
import type { Fate } from '../core/entries';
import { choices, type Offer, remainder, replaced, turn } from '../core/offer';
import { firstWord } from '../core/words';
import { offerField, setOffer, shownOffer } from './ghost';

/** How the offer fared, on the transaction that decides it. */
export const fated = Annotation.define<Fate>();

/** The keys; `ask` asks by hand. */
export function ghostKeys(ask: (view: EditorView) => void) {
  const asking = (view: EditorView) => {
    ask(view);
    return true;
  };
  return Prec.highest(
    keymap.of([
      { key: 'Tab', run: accept },
      { key: 'Escape', run: dismiss },
      { key: 'Ctrl-ArrowRight', run: acceptWord },
      { mac: 'Alt-ArrowRight', run: acceptWord },
      { key: 'Alt-]', run: (view) => choose(view, 1) },
      { key: 'Alt-[', run: (view) => choose(view, -1) },
      { key: 'Ctrl-Space', run: asking },
      { key: 'Alt-\\', run: asking },
    ]),
  );
}

/** Accepts all of it; of what is still growing, that which has come. */
export function accept(view: EditorView): boolean {
  const offer = shownOffer(view.state);
  if (!offer || view.state.readOnly) {
    return false;
  }
  if (offer.growing) {
    take(view, offer, remainder(offer), 0, 'accepted in part'); // more of it may come
  } else {
    take(view, offer, remainder(offer), replaced(offer), 'accepted');
  }
  return true;
}

/** Accepts its first word. */
export function acceptWord(view: EditorView): boolean {
  const offer = shownOffer(view.state);
  if (!offer || view.state.readOnly) {
    return false;
  }
  const text = remainder(offer);
  const word = firstWord(text);
  if (word === text && !offer.growing) {
    return accept(view);
  }
  take(view, offer, word, 0, 'accepted in part');
  return true;
}

/** Puts a text into the document, as a step of its own for those who take it back. */
function take(view: EditorView, offer: Offer, text: string, goes: number, fate: Fate): void {
  const { caret } = offer;
  view.dispatch({
    changes: { from: caret, to: caret + goes, insert: text },
    selection: { anchor: caret + text.length },
    annotations: [isolateHistory.of('full'), fated.of(fate)],
    userEvent: 'input.complete',
    scrollIntoView: true,
    ...(fate === 'accepted' ? { effects: setOffer.of(undefined) } : {}),
  });
}

/** Takes it away, and breaks its call off. */
export function dismiss(view: EditorView): boolean {
  if (!view.state.field(offerField)) {
    return false;
  }
  view.dispatch({ effects: setOffer.of(undefined), annotations: fated.of('dismissed') });
  return true;
}

function choose(view: EditorView, step: 1 | -1): boolean {
  const offer = shownOffer(view.state);
  if (!offer || choices(offer).all < 2) {
    return false;
  }
  view.dispatch({ effects: setOffer.of(turn(offer, step)) });
  return true;
}
