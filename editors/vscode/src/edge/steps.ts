/** The steps of the walkthrough that are done without a command. */

import * as vscode from 'vscode';

/**
 * Ticks steps. VS Code 1.139 takes a context key that holds already when it first looks at the
 * walkthrough for one that it has heeded: so a key holds for a moment alone, when a step is done and
 * again when a page is opened that may be the walkthrough.
 */
export class Steps implements vscode.Disposable {
  private readonly done = new Set<string>();
  private readonly listening = vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
    if (opened.some((tab) => tab.input === undefined)) {
      this.done.forEach(tick);
    }
  });

  /** Notes that a step is done, by the name of its key. */
  take(step: string): void {
    if (!this.done.has(step)) {
      this.done.add(step);
      tick(step);
    }
  }

  dispose(): void {
    this.listening.dispose();
  }
}

async function tick(step: string): Promise<void> {
  for (const holds of [true, false]) {
    await vscode.commands.executeCommand('setContext', `codestral-ls.${step}`, holds);
  }
}
