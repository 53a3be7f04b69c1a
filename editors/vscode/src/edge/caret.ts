/** Puts the caret behind accepted text, where VS Code 1.139 leaves it short. */

import * as vscode from 'vscode';
import { shortfallOf } from '../core/acceptance';

/** For news of the caret to arrive after those of the text. */
const MOVED_MS = 300;

/** Puts it at the end of a text that was put in, if VS Code's mistake alone keeps it from there. */
export function mendCaret(
  editor: vscode.TextEditor,
  end: vscode.Position,
  text: string,
): 'right' | 'mended' | 'elsewhere' {
  const short = shortfallOf(text);
  const { active, isEmpty } = editor.selection;
  const isAlone = editor.selections.length === 1 && isEmpty;
  if (short === 0) {
    return 'right';
  }
  if (!isAlone || !active.isEqual(end.translate(0, -short))) {
    return 'elsewhere';
  }
  editor.selection = new vscode.Selection(end, end);
  return 'mended';
}

/** The same for a text between two places, even if VS Code tells later where the caret is. */
export async function mendCaretSoon(
  editor: vscode.TextEditor,
  start: vscode.Position,
  end: vscode.Position,
): Promise<boolean> {
  const text = start.isBefore(end)
    ? editor.document.getText(new vscode.Range(start, end)).replaceAll('\r\n', '\n')
    : '';
  let place = mendCaret(editor, end, text);
  if (place === 'elsewhere') {
    await nextMove(editor);
    place = mendCaret(editor, end, text);
  }
  return place === 'mended';
}

async function nextMove(editor: vscode.TextEditor): Promise<void> {
  let listening: vscode.Disposable | undefined;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, MOVED_MS);
    listening = vscode.window.onDidChangeTextEditorSelection(
      (event) => event.textEditor === editor && resolve(),
    );
  });
  clearTimeout(timer);
  listening?.dispose();
}
