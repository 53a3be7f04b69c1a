/** What the user is told when there is no server. */

import * as vscode from 'vscode';
import { INSTALL } from '../core/finding';

const COPY = 'Copy command';
const TERMINAL = 'Open terminal with it';
const SET_PATH = 'Set path';

/** Says what is missing and offers what helps. */
export async function tellMissing(problem: string, setting: boolean): Promise<void> {
  if (setting) {
    const choice = await vscode.window.showWarningMessage(`Codestral: ${problem}`, SET_PATH);
    return choice && openCommandSetting();
  }
  const words = `Codestral: ${problem} To install it, in your copy of its repository: ${INSTALL}`;
  const choice = await vscode.window.showWarningMessage(words, COPY, TERMINAL, SET_PATH);
  if (choice === COPY) {
    await vscode.env.clipboard.writeText(INSTALL);
  } else if (choice === TERMINAL) {
    openInstallTerminal();
  } else if (choice === SET_PATH) {
    await openCommandSetting();
  }
}

/** A terminal in which the command is typed, for the user to look at and to start. */
export function openInstallTerminal(): void {
  const terminal = vscode.window.createTerminal('Install codestral-ls');
  terminal.show();
  terminal.sendText(INSTALL, false);
}

async function openCommandSetting(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', 'codestral.command');
}
