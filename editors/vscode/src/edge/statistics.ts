/** The page with the statistics. */

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { figuresIn } from '../core/figures';
import { pageOf } from '../core/page';

/** One page at most; asked for again, it comes to the front with new figures. */
export class Statistics implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;

  show(report: unknown, days: number): void {
    const panel = this.panel ?? this.open();
    const nonce = randomBytes(16).toString('base64url');
    panel.webview.html = pageOf(figuresIn(report), days, nonce);
    panel.reveal();
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private open(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(
      'codestral-ls.statistics',
      'Codestral: statistics',
      vscode.ViewColumn.Active,
      {
        enableScripts: false,
        enableCommandUris: ['codestral-ls.statistics'],
        localResourceRoots: [],
      },
    );
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    this.panel = panel;
    return panel;
  }
}
