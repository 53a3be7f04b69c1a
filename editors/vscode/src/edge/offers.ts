/** The ghost text that VS Code was handed, and what became of it. */

import { setTimeout as wait } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ACCEPTED, endOf, numberIn, type Offer, remember, takenOf } from '../core/acceptance';
import { mendCaret, mendCaretSoon } from './caret';

/** How the server hears of it. */
export interface Listener {
  execute(command: string, args: readonly unknown[]): Promise<unknown>;
  notify(method: string, params: object): Promise<void>;
}

/** What VS Code 1.139 needs to draw what it was handed: it does so with the next frame. */
const DRAWN_MS = 50;
/** For news of an edit to arrive after the command that made it has ended. */
const EDITED_MS = 300;

/** Remembers the latest items. VS Code has no stable API that would tell of them. */
export class Offers {
  private offers: Offer[] = [];
  private drawn:
    | { document: vscode.TextDocument; version: number; at: vscode.Position }
    | undefined;

  constructor(
    private readonly server: () => Listener,
    private readonly offered: () => void,
  ) {}

  /** Takes down what VS Code is about to show. */
  take(
    document: vscode.TextDocument,
    position: vscode.Position,
    items: readonly vscode.InlineCompletionItem[],
  ): void {
    const uri = document.uri.toString();
    const offers = items.flatMap((item) => offerOf(item, uri, position) ?? []);
    if (offers.length === 0) {
      return;
    }
    this.offers = remember(this.offers, offers);
    void this.tellShown(document, position, items[0]);
  }

  /** Tells that the first one is drawn, unless the user has gone on meanwhile. */
  private async tellShown(
    document: vscode.TextDocument,
    position: vscode.Position,
    item: vscode.InlineCompletionItem | undefined,
  ): Promise<void> {
    const { version } = document;
    await wait(DRAWN_MS);
    const editor = vscode.window.activeTextEditor;
    const stays =
      editor?.document === document &&
      document.version === version &&
      editor.selection.isEmpty &&
      editor.selection.active.isEqual(position);
    if (!stays || numberIn(item?.command) === undefined) {
      return;
    }
    this.drawn = { document, version, at: position };
    this.offered();
    const command = { command: ACCEPTED, arguments: item?.command?.arguments };
    await this.server().notify('textDocument/didShowCompletion', { item: { command } });
  }

  /** Heeds that VS Code has put one in; `args` are those of its command. */
  taken(args: readonly unknown[]): void {
    const editor = vscode.window.activeTextEditor;
    const offer = this.offers.find((each) => each.uri === args[0] && each.number === args[1]);
    if (!offer || editor?.document.uri.toString() !== offer.uri) {
      return;
    }
    const text = offer.text.replaceAll('\r\n', '\n');
    const end = new vscode.Position(...endOf(offer.line, offer.character, text));
    if (headOf(editor.document, offer, end)?.replaceAll('\r\n', '\n') === text) {
      mendCaret(editor, end, text);
    }
  }

  /** Whether the user has seen ghost text of ours here, with this very text around it. */
  private isDrawn(document: vscode.TextDocument, cursor: vscode.Position): boolean {
    const { drawn } = this;
    return (
      drawn?.document === document && drawn.version === document.version && drawn.at.isEqual(cursor)
    );
  }

  /** Has VS Code accept a part, and tells how much that was, if the text is ours. */
  async acceptPart(command: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      return;
    }
    const { document } = editor;
    const offers = this.offers.filter((each) => each.uri === document.uri.toString());
    const cursor = editor.selection.active;
    const before = new Map(offers.map((each) => [each, headOf(document, each, cursor)]));
    const accept = () => endOfEdit(document, () => vscode.commands.executeCommand(command));
    let end = await accept();
    if (!end && this.isDrawn(document, cursor)) {
      // The palette, from which it was run, has taken the focus and with it the ghost text.
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      end = await accept();
    }
    if (!end) {
      return;
    }
    const taken = takenOf(
      offers,
      (each) => before.get(each),
      (each) => headOf(document, each, end),
    );
    const isMended = await mendCaretSoon(editor, cursor, end);
    if (!taken) {
      return;
    }
    const { uri, number } = taken.offer;
    await this.server().execute(ACCEPTED, [uri, number, taken.units]);
    if (isMended) {
      // VS Code may have asked from the wrong place, and then shows nothing of the rest.
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    }
  }
}

/**
 * Where the text ends that an action inserts; undefined if it inserts none. The cursor would say it
 * too, but VS Code tells extensions of it later than of the text.
 */
async function endOfEdit(
  document: vscode.TextDocument,
  act: () => Thenable<unknown>,
): Promise<vscode.Position | undefined> {
  let end: number | undefined;
  let heard = () => {};
  const edited = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const listening = vscode.workspace.onDidChangeTextDocument((event) => {
    if (event.document === document && end === undefined) {
      const ends = event.contentChanges.map((each) => each.rangeOffset + each.text.length);
      end = ends.length > 0 ? Math.max(...ends) : undefined;
      heard();
    }
  });
  try {
    await act();
    await Promise.race([edited, wait(EDITED_MS)]);
  } finally {
    listening.dispose();
  }
  return end === undefined ? undefined : document.positionAt(end);
}

function offerOf(
  item: vscode.InlineCompletionItem,
  uri: string,
  position: vscode.Position,
): Offer | undefined {
  const number = numberIn(item.command);
  if (number === undefined) {
    return undefined;
  }
  const { line, character } = item.range?.start ?? position;
  const text = typeof item.insertText === 'string' ? item.insertText : item.insertText.value;
  return { uri, line, character, text, number };
}

/** The text from the beginning of an offer up to a place; undefined if that is before it. */
function headOf(
  document: vscode.TextDocument,
  offer: Offer,
  end: vscode.Position,
): string | undefined {
  const start = new vscode.Position(offer.line, offer.character);
  return end.isBefore(start) ? undefined : document.getText(new vscode.Range(start, end));
}
