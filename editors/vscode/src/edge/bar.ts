/** The item of the status bar. */

import * as vscode from 'vscode';
import { isWritten } from '../core/documents';
import { isChosen } from '../core/languages';
import { barOf, type Status } from '../core/status';
import type { EditorSettings } from './settings';

/** Shows how it stands, and whether the file in front gets any ghost text. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'codestral-ls.status',
    vscode.StatusBarAlignment.Right,
    100,
  );

  constructor() {
    this.item.name = 'Codestral';
    this.item.command = 'codestral-ls.menu';
    this.item.show();
  }

  show(status: Status, { languages, hasLanguages }: EditorSettings): void {
    const language = languageInFront();
    const isOff = language !== '' && !isChosen(language, languages);
    const bar = barOf(status, isOff ? { language, known: hasLanguages } : undefined);
    this.item.text = bar.text;
    this.item.tooltip = bar.tooltip;
    this.item.accessibilityInformation = { label: bar.tooltip.replaceAll('\n', ', ') };
    this.item.backgroundColor = bar.background
      ? new vscode.ThemeColor(`statusBarItem.${bar.background}Background`)
      : undefined;
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** The language of the document in front; "" if there is none that is written. */
export function languageInFront(): string {
  const document = vscode.window.activeTextEditor?.document;
  return document && isWritten(document.uri.scheme) ? document.languageId : '';
}
