/** Ghost text in the editor: it is drawn, and never a part of the document. */

import {
  type EditorState,
  type Range,
  StateEffect,
  StateField,
  type Transaction,
} from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { follow, type Offer, remainder, replaced } from '../core/offer';

/** Makes an offer, or takes it back. */
export const setOffer = StateEffect.define<Offer | undefined>();

/** What is offered, be it that nothing is known of it yet. */
export const offerField = StateField.define<Offer | undefined>({
  create: () => undefined,
  update(offer, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setOffer)) {
        return effect.value;
      }
    }
    const isMoved = transaction.docChanged || transaction.selection;
    return offer && isMoved ? followed(offer, transaction) : offer;
  },
  provide: (field) => EditorView.decorations.compute([field], draw),
});

/** The offer of which something is to be seen. */
export function shownOffer(state: EditorState): Offer | undefined {
  const offer = state.field(offerField);
  return offer && remainder(offer) ? offer : undefined;
}

/** The offer after a transaction: it goes on as long as that leads to the promised document. */
function followed(offer: Offer, transaction: Transaction): Offer | undefined {
  const { main, ranges } = transaction.newSelection;
  if (!main.empty || ranges.length > 1 || transaction.isUserEvent('input.type.compose')) {
    return undefined;
  }
  if (!transaction.docChanged) {
    return main.head === offer.caret ? offer : undefined;
  }
  const end = offer.caret + replaced(offer);
  let isWithin = true;
  transaction.changes.iterChangedRanges((from, to) => {
    isWithin &&= from >= offer.from && to <= end;
  });
  const newEnd = transaction.changes.mapPos(end, 1);
  if (!isWithin || main.head < offer.from || main.head > newEnd) {
    return undefined;
  }
  const { newDoc } = transaction;
  return follow(offer, {
    caret: main.head,
    typed: newDoc.sliceString(offer.from, main.head),
    behind: newDoc.sliceString(main.head, newEnd),
  });
}

/**
 * The first line stands behind the caret, the others below. What stands behind the caret and stays
 * there goes to the end of the last one, where it will be.
 */
function draw(state: EditorState): DecorationSet {
  const offer = shownOffer(state);
  if (!offer) {
    return Decoration.none;
  }
  const { caret } = offer;
  const [first = '', ...others] = remainder(offer).split('\n');
  const line = state.doc.lineAt(caret);
  const goes = caret + replaced(offer);
  const tail = others.length ? state.sliceDoc(goes, line.to) : '';
  const hidden = tail.trim() ? line.to : goes;
  const decorations: Range<Decoration>[] = [];
  if (hidden > caret) {
    decorations.push(Decoration.replace({ widget: new Inline(first) }).range(caret, hidden));
  } else if (first) {
    decorations.push(Decoration.widget({ widget: new Inline(first), side: 1 }).range(caret));
  }
  if (others.length) {
    const widget = new Below(others.join('\n'), tail.trim() ? tail : '');
    decorations.push(Decoration.widget({ widget, side: 2, block: true }).range(line.to));
  }
  return Decoration.set(decorations, true);
}

class Inline extends WidgetType {
  constructor(private readonly text: string) {
    super();
  }

  override eq(other: Inline): boolean {
    return other.text === this.text;
  }

  toDOM(): HTMLElement {
    return ghostOf('span', this.text);
  }
}

class Below extends WidgetType {
  constructor(
    private readonly text: string,
    private readonly tail: string,
  ) {
    super();
  }

  override eq(other: Below): boolean {
    return other.text === this.text && other.tail === this.tail;
  }

  toDOM(): HTMLElement {
    const block = document.createElement('div');
    block.className = 'below';
    block.append(ghostOf('span', this.text), this.tail);
    return block;
  }
}

/** Hidden from screen readers, which are told by the line below the editor. */
function ghostOf(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = 'ghost';
  element.ariaHidden = 'true';
  element.textContent = text;
  return element;
}
