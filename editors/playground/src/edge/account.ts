/** What happened, beside the editor: the last answers, and all about the one that is selected. */

import { type Entry, type Fate, withEntry, withFate } from '../core/entries';
import { CARET } from '../core/samples';
import { badgeOf, factsOf, labelOf } from '../core/saying';
import { find, make } from './dom';

/** The newest answer is selected, unless somebody has chosen an older one. */
export class Account {
  private entries: readonly Entry[] = [];
  private chosen: number | undefined;
  private readonly list = find('answers', HTMLUListElement);
  private readonly facts = find('facts', HTMLDListElement);
  private readonly prompt = find('prompt', HTMLPreElement);
  private readonly steps = find('steps', HTMLTableSectionElement);

  constructor() {
    this.list.addEventListener('keydown', (event) => this.move(event));
    this.list.addEventListener('click', (event) => this.click(event));
  }

  /** Takes note of an answer. */
  add(entry: Entry): void {
    const wasNewest = this.chosen === this.entries[0]?.id;
    this.entries = withEntry(this.entries, entry);
    const isKept = this.entries.some((each) => each.id === this.chosen);
    if (wasNewest || !isKept) {
      this.chosen = entry.id;
    }
    this.draw();
  }

  /** Takes note of how an answer fared. */
  mark(id: number, fate: Fate): void {
    this.entries = withFate(this.entries, id, fate);
    this.draw();
  }

  private get index(): number {
    return this.entries.findIndex((each) => each.id === this.chosen);
  }

  private move(event: KeyboardEvent): void {
    const last = this.entries.length - 1;
    const places: Record<string, number> = {
      ArrowUp: this.index - 1,
      ArrowDown: this.index + 1,
      Home: 0,
      End: last,
    };
    const place = places[event.key];
    if (place !== undefined) {
      event.preventDefault();
      this.choose(Math.min(Math.max(place, 0), last));
    }
  }

  private click({ target }: Event): void {
    const item = target instanceof Element ? target.closest('li') : null;
    if (item) {
      this.choose([...this.list.children].indexOf(item));
    }
  }

  private choose(place: number): void {
    this.chosen = this.entries[place]?.id;
    this.draw();
    this.list.children[place]?.scrollIntoView({ block: 'nearest' });
  }

  private draw(): void {
    this.list.replaceChildren(...this.entries.map((each) => this.itemOf(each)));
    const entry = this.entries[this.index];
    find('nothing-yet', HTMLElement).hidden = entry !== undefined;
    find('about', HTMLElement).hidden = entry === undefined;
    if (entry) {
      this.list.setAttribute('aria-activedescendant', `answer-${entry.id}`);
      this.drawFacts(entry);
      this.drawPrompt(entry);
      this.drawSteps(entry);
    }
  }

  private itemOf(entry: Entry): HTMLLIElement {
    const item = make(
      'li',
      'failure' in entry.outcome ? 'bad' : '',
      make('code', 'label', labelOf(entry)),
      make('span', 'badge', badgeOf(entry)),
    );
    item.id = `answer-${entry.id}`;
    item.role = 'option';
    item.ariaSelected = String(entry.id === this.chosen);
    return item;
  }

  private drawFacts(entry: Entry): void {
    const rows = factsOf(entry).map(([label, text]) =>
      make('div', '', make('dt', '', label), make('dd', '', text)),
    );
    this.facts.replaceChildren(...rows);
  }

  private drawPrompt({ outcome }: Entry): void {
    const prompt = 'reply' in outcome ? outcome.reply.prompt : undefined;
    const snippets = 'reply' in outcome ? outcome.reply.snippets : [];
    find('sent', HTMLElement).hidden = prompt === undefined;
    if (!prompt) {
      return;
    }
    const mark = make('mark', '', CARET);
    this.prompt.replaceChildren(prompt.prefix, mark, prompt.suffix);
    this.prompt.scrollTop = mark.offsetTop - this.prompt.clientHeight / 2;
    const from = snippets.length ? ` Lines are from ${snippets.join(', ')}.` : '';
    find('sizes', HTMLElement).textContent =
      `${[...prompt.prefix].length} characters before the cursor and ` +
      `${[...prompt.suffix].length} behind it, as they left the gateway.${from}`;
  }

  private drawSteps({ outcome }: Entry): void {
    const steps = 'reply' in outcome ? outcome.reply.steps : [];
    const isText = 'reply' in outcome && outcome.reply.proposals.length > 0;
    find('shaping', HTMLElement).hidden = !isText && steps.length === 0;
    find('unshaped', HTMLElement).hidden = steps.length > 0;
    find('shaped', HTMLElement).hidden = steps.length === 0;
    const rows = steps.map(({ rule, before, after }) =>
      make('tr', '', make('td', '', rule), make('td', '', `${before}`), make('td', '', `${after}`)),
    );
    this.steps.replaceChildren(...rows);
  }
}
