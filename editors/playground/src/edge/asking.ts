/** When the gateway is asked, and what becomes of its answers. */

import type { Transaction } from '@codemirror/state';
import { EditorView, type ViewUpdate } from '@codemirror/view';
import type { Entry, Fate } from '../core/entries';
import { begin, finish, grow, type Offer, remainder } from '../core/offer';
import type { Reply } from '../core/reply';
import { headOf, tailOf, unitsOf } from '../core/words';
import { fated } from './commands';
import { offerField, setOffer } from './ghost';
import { failureIn, type Question, type Wire } from './wire';

/** A pause in typing, in milliseconds; shorter than that between two keys of most people. */
const PAUSE = 75;
/** More than any prompt holds, and less than what a gateway takes. */
const [MOST_BEFORE, MOST_AFTER] = [100_000, 50_000];
const CANDIDATES = 3;
const SECOND = 1000;

/** What the page beside the editor chooses, and what it is told. */
export interface Surroundings {
  readonly wire: Wire;
  language(): string;
  model(): string;
  ended(entry: Entry, isShown: boolean): void;
  fared(id: number, fate: Fate): void;
  busy(isBusy: boolean): void;
  turned(offer: Offer): void;
}

interface Call {
  readonly id: number;
  readonly question: Question;
  readonly abort: AbortController;
  readonly began: number;
  first?: number;
  fate?: Fate;
}

/** At most one question is under way; one that leads nowhere any more is broken off. */
export class Asking {
  private call: Call | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private quietUntil = 0;
  private isLocked = false;
  private count = 0;

  constructor(private readonly surroundings: Surroundings) {}

  /** The part of the editor that hears of keys. */
  extension() {
    return [
      EditorView.updateListener.of((update) => this.heed(update)),
      EditorView.domEventHandlers({ compositionend: (_, view) => this.askSoon(view, PAUSE) }),
    ];
  }

  /** Asks again while typing, after somebody has entered a token. */
  unlock(): void {
    this.isLocked = false;
  }

  /** Asks for several texts, whatever stood in the way of asking by itself. */
  askByHand(view: EditorView): void {
    this.ask(view, 'invoked');
  }

  private heed(update: ViewUpdate): void {
    const before = update.startState.field(offerField);
    const now = update.state.field(offerField);
    if (before && before.id !== now?.id) {
      this.left(before, update);
    } else if (before && update.transactions.some((each) => each.annotation(fated))) {
      this.taken(before.id);
    } else if (before && now && before.chosen !== now.chosen) {
      this.surroundings.turned(now);
    }
    if (!update.docChanged && !update.selectionSet) {
      return;
    }
    clearTimeout(this.timer);
    if (!now && update.transactions.some(isTyping)) {
      const isAccepted = update.transactions.some((each) => each.annotation(fated));
      this.askSoon(update.view, isAccepted ? 0 : PAUSE);
    }
  }

  /** A part was accepted, perhaps before the rest has come. */
  private taken(id: number): void {
    if (this.call?.id === id) {
      this.call.fate = 'accepted in part';
    }
    this.surroundings.fared(id, 'accepted in part');
  }

  /** An offer is gone: its call is not wanted any more, and how it fared is known. */
  private left(offer: Offer, update: ViewUpdate): void {
    if (this.call?.id === offer.id) {
      this.breakOff();
    }
    const text = offer.typed + remainder(offer);
    if (!text) {
      return;
    }
    const stands = update.state.sliceDoc(offer.from, update.state.selection.main.head);
    const decided = update.transactions.map((each) => each.annotation(fated)).find(Boolean);
    this.surroundings.fared(offer.id, decided ?? (stands === text ? 'typed' : 'passed by'));
  }

  private askSoon(view: EditorView, milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.askByItself(view), milliseconds);
  }

  private askByItself(view: EditorView): void {
    if (!this.isLocked && Date.now() >= this.quietUntil) {
      this.ask(view, 'automatic');
    }
  }

  private ask(view: EditorView, trigger: Question['trigger']): void {
    const { main, ranges } = view.state.selection;
    if (view.state.readOnly || view.composing || !main.empty || ranges.length > 1) {
      return;
    }
    clearTimeout(this.timer);
    this.breakOff();
    const id = ++this.count;
    const question = this.question(view, trigger);
    view.dispatch({ effects: setOffer.of(begin(id, main.head)) });
    this.call = { id, question, abort: new AbortController(), began: performance.now() };
    this.surroundings.busy(true);
    void this.see(view, this.call);
  }

  private question(view: EditorView, trigger: Question['trigger']): Question {
    const { doc, selection } = view.state;
    const [caret, model] = [selection.main.head, this.surroundings.model()];
    return {
      prefix: tailOf(doc.sliceString(Math.max(0, caret - MOST_BEFORE - 1), caret), MOST_BEFORE),
      suffix: headOf(doc.sliceString(caret, caret + MOST_AFTER + 1), MOST_AFTER),
      language: this.surroundings.language(),
      trigger,
      explain: true,
      ...(trigger === 'invoked' ? { candidates: CANDIDATES } : {}),
      ...(model ? { model } : {}),
    };
  }

  private async see(view: EditorView, call: Call): Promise<void> {
    try {
      const onText = (text: string) => this.grown(view, call, text);
      const reply = await this.surroundings.wire.complete(call.question, call.abort.signal, onText);
      if (this.call === call) {
        this.finished(view, call, reply);
      }
    } catch (error) {
      if (this.call === call) {
        this.failed(view, call, error);
      }
    }
  }

  private grown(view: EditorView, call: Call, text: string): void {
    const offer = view.state.field(offerField);
    if (this.call === call && offer?.id === call.id) {
      call.first ??= performance.now() - call.began;
      this.offer(view, offer, grow(offer, lines(text)));
    }
  }

  private finished(view: EditorView, call: Call, reply: Reply): void {
    this.done();
    const candidates = reply.proposals.map(({ text, replaces }) => ({
      text: lines(text),
      replaces: unitsOf(call.question.suffix, replaces),
    }));
    const offer = view.state.field(offerField);
    const ours = offer?.id === call.id ? offer : undefined;
    const final = ours && candidates.length ? finish(ours, candidates) : undefined;
    this.surroundings.ended(entryOf(call, { reply }), final !== undefined);
    if (ours) {
      this.offer(view, ours, final);
    }
  }

  private failed(view: EditorView, call: Call, error: unknown): void {
    this.done();
    const failure = failureIn(error);
    this.isLocked = failure.status === 401;
    this.quietUntil = Date.now() + SECOND * (failure.retryAfter ?? 0);
    this.surroundings.ended(entryOf(call, { failure }), false);
    if (view.state.field(offerField)?.id === call.id) {
      view.dispatch({ effects: setOffer.of(undefined) });
    }
  }

  /** Shows an offer as it is now; if it came to nothing by what was typed meanwhile, asks anew. */
  private offer(view: EditorView, before: Offer, now: Offer | undefined): void {
    view.dispatch({ effects: setOffer.of(now) });
    if (!now && before.caret !== before.from) {
      this.askSoon(view, 0);
    }
  }

  private done(): void {
    this.call = undefined;
    this.surroundings.busy(false);
  }

  private breakOff(): void {
    const { call } = this;
    if (call) {
      this.done();
      call.abort.abort();
    }
  }
}

function isTyping(transaction: Transaction): boolean {
  return transaction.isUserEvent('input') || transaction.isUserEvent('delete');
}

/** A text as it stands in the editor, whose lines end with LF. */
function lines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}

function entryOf(call: Call, outcome: Entry['outcome']): Entry {
  const { id, question, began, first, fate = '' } = call;
  return {
    id,
    time: new Date(),
    language: question.language,
    trigger: question.trigger,
    outcome,
    last: performance.now() - began,
    fate,
    ...(first === undefined ? {} : { first }),
  };
}
