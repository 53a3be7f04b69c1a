/** Shows what became of the last completions, in a document that can only be read. */

import * as vscode from 'vscode';

const SCHEME = 'codestral-ls';
const NONE = 'No request yet: type in a file with code, and look again.\n';

/** The text of documents with the extension's own scheme. */
export class Explanations implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private text = '';
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly uri = vscode.Uri.parse(`${SCHEME}:Last completions`);
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(
    SCHEME,
    this,
  );
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(): string {
    return this.text;
  }

  /** Shows what the server's command `codestral.explain` has brought. */
  async show(result: unknown): Promise<void> {
    const text = (result as { readonly text?: unknown } | undefined)?.text;
    this.text = typeof text === 'string' && text.trim() ? text : NONE;
    this.changed.fire(this.uri);
    const document = await vscode.workspace.openTextDocument(this.uri);
    await vscode.window.showTextDocument(document, {
      preview: true,
      viewColumn: vscode.ViewColumn.Beside,
    });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
