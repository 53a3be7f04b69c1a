/** Ghost text for what was typed while no server ran. */

import * as vscode from 'vscode';
import { isRunning, type Status } from '../core/status';

/** The end of a server is noticed a little later than it comes. */
const NOTICED_MS = 1_000;

/** Asks for ghost text when a server begins to run, which VS Code itself does at the next key only. */
export class Asking implements vscode.Disposable {
  private typed: { readonly document: vscode.TextDocument; readonly at: number } | undefined;
  private startingSince: number | undefined;
  private readonly listening = vscode.workspace.onDidChangeTextDocument(({ document }) => {
    if (document === vscode.window.activeTextEditor?.document) {
      this.typed = { document, at: Date.now() };
    }
  });

  /** Hears how it stands; asks if somebody has just typed and got no answer. */
  heed(status: Status): void {
    if (status.state === 'starting') {
      this.startingSince ??= Date.now();
      return;
    }
    const { startingSince, typed } = this;
    this.startingSince = undefined;
    const isInVain =
      startingSince !== undefined &&
      typed !== undefined &&
      typed.document === vscode.window.activeTextEditor?.document &&
      typed.at > startingSince - NOTICED_MS;
    if (isInVain && isRunning(status)) {
      void vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    }
  }

  dispose(): void {
    this.listening.dispose();
  }
}
