/** Notices when VS Code did not wait for ghost text, and says once what helps. */

import * as vscode from 'vscode';
import { type Answered, isAtDefault, isTooLate, mayAsk, withoutLimit } from '../core/waiting';

const KEPT = 'quickSuggestions';
const CHANGE = 'Let it wait longer';
const LATER = 'Not now';
const NEVER = 'Never';

/** Watches over requests. */
export class Waiting {
  private asking = false;

  constructor(private readonly memory: vscode.Memento) {}

  /** Looks at a request from its begin on; what is returned is called at its end. */
  watch(
    document: vscode.TextDocument,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): () => void {
    const began = performance.now();
    const { version } = document;
    const place = vscode.window.activeTextEditor?.selection.active;
    const heard = token.onCancellationRequested(() => {
      const editor = vscode.window.activeTextEditor;
      const cancelled = {
        afterMs: performance.now() - began,
        automatic: context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic,
        untouched:
          vscode.window.state.focused &&
          editor?.document === document &&
          document.version === version &&
          place !== undefined &&
          editor.selection.active.isEqual(place),
      };
      if (isTooLate(cancelled)) {
        void this.explain(document);
      }
    });
    return () => heard.dispose();
  }

  private async explain(document: vscode.TextDocument): Promise<void> {
    const answered = this.memory.get<Answered>(KEPT);
    if (this.asking || !mayAsk(answered, Date.now()) || !quickSuggestionsAtDefault(document)) {
      return;
    }
    this.asking = true;
    const words =
      'VS Code waits 750 ms for ghost text, and the model has just taken longer. ' +
      'The setting editor.quickSuggestions can end that limit.';
    const choice = await vscode.window.showInformationMessage(words, CHANGE, LATER, NEVER);
    this.asking = false;
    await this.memory.update(KEPT, { never: choice === NEVER, asked: Date.now() });
    if (choice === CHANGE) {
      await setQuickSuggestions();
    }
  }
}

/** Ends the limit, for the user's whole VS Code. */
export async function setQuickSuggestions(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('editor');
  const chosen = configuration.inspect('quickSuggestions')?.globalValue;
  await configuration.update(
    'quickSuggestions',
    withoutLimit(chosen),
    vscode.ConfigurationTarget.Global,
  );
}

function quickSuggestionsAtDefault(document: vscode.TextDocument): boolean {
  const configuration = vscode.workspace.getConfiguration('editor', document);
  const places = configuration.inspect('quickSuggestions');
  return isAtDefault(configuration.get('quickSuggestions'), [
    places?.globalValue,
    places?.workspaceValue,
    places?.workspaceFolderValue,
    places?.globalLanguageValue,
    places?.workspaceLanguageValue,
    places?.workspaceFolderLanguageValue,
  ]);
}
