/** The page: its parts, and how they hear of each other. */

import type { EditorView } from '@codemirror/view';
import type { Entry, Fate } from './core/entries';
import { choices, type Offer, remainder } from './core/offer';
import { FIRST, SAMPLES } from './core/samples';
import { failureSaid, replySaid, turnSaid } from './core/saying';
import { Account } from './edge/account';
import { Asking } from './edge/asking';
import { accept, acceptWord, dismiss, ghostKeys } from './edge/commands';
import { find } from './edge/dom';
import { openEditor, readAs } from './edge/editor';
import { followScheme } from './edge/scheme';
import { failureIn, Wire } from './edge/wire';

const OFFLINE = 'offline';
const wire = new Wire();
const account = new Account();
const languages = find('language', HTMLSelectElement);
const models = find('model', HTMLSelectElement);
const access = find('access', HTMLFormElement);
const token = find('token', HTMLInputElement);

const asking = new Asking({
  wire,
  language: () => languages.value,
  model: () => models.value,
  fared,
  busy: (isBusy) => find('busy', HTMLElement).toggleAttribute('data-on', isBusy),
  turned,
  ended: tell,
});
const view = openEditor(find('editor', HTMLElement), FIRST, [
  ghostKeys((each: EditorView) => asking.askByHand(each)),
  asking.extension(),
]);

/** The line below the editor, which is read aloud; the text that is offered goes with it. */
function say(text: string, isBad: boolean, offered = ''): void {
  const status = find('status', HTMLElement);
  status.textContent = text;
  status.classList.toggle('bad', isBad);
  find('offered', HTMLElement).textContent = offered && `Ghost text: ${offered}`;
}

function tell(entry: Entry, isShown: boolean): void {
  account.add(entry);
  const { outcome } = entry;
  if ('failure' in outcome) {
    say(failureSaid(outcome.failure, wire.token !== ''), true);
    askForToken(outcome.failure.status === 401);
    return;
  }
  const { reply } = outcome;
  say(replySaid(reply, entry.last, isShown), false, isShown ? reply.proposals[0]?.text : '');
  tellOffline(reply.source === OFFLINE);
}

function turned(offer: Offer): void {
  const { shown, all } = choices(offer);
  say(turnSaid(shown, all), false, remainder(offer));
}

function fared(id: number, fate: Fate): void {
  account.mark(id, fate);
  // Whatever else the line says is about another answer, or of more use than this.
  if (fate !== 'accepted in part' && find('offered', HTMLElement).textContent) {
    say(fate === 'accepted' || fate === 'dismissed' ? `The ghost text was ${fate}.` : '', false);
  }
}

/** A gateway without a key has the offline provider for its only model. */
function tellOffline(answers: boolean): void {
  const isAlone = models.value === OFFLINE;
  find('offline', HTMLElement).hidden = !answers && !isAlone;
  find('no-key', HTMLElement).hidden = !isAlone;
}

function askForToken(isWanted: boolean): void {
  if (isWanted) {
    access.hidden = false;
    token.ariaInvalid = String(wire.token !== '');
  }
}

async function listModels(): Promise<void> {
  try {
    const names = await wire.models();
    models.replaceChildren(...names.map((each) => new Option(each)));
    access.hidden = true;
    tellOffline(false);
    say('Type in the editor: ghost text follows.', false);
  } catch (error) {
    const failure = failureIn(error);
    askForToken(failure.status === 401);
    say(failureSaid(failure, wire.token !== ''), true);
  }
}

languages.replaceChildren(
  ...Object.entries(SAMPLES).map(([name, { label }]) => new Option(label, name)),
);
models.addEventListener('change', () => tellOffline(false));
languages.addEventListener('change', () => readAs(view, languages.value));
access.addEventListener('submit', (event) => {
  event.preventDefault();
  wire.use(token.value);
  token.value = '';
  asking.unlock();
  void listModels();
});
for (const [name, run] of [
  ['accept', accept],
  ['word', acceptWord],
  ['dismiss', dismiss],
  ['ask', (each: EditorView) => asking.askByHand(each)],
] as const) {
  const button = find(name, HTMLButtonElement);
  button.addEventListener('pointerdown', (event) => event.preventDefault()); // the caret stays
  button.addEventListener('click', () => run(view));
}
followScheme(find('scheme', HTMLSelectElement));
void listModels();
