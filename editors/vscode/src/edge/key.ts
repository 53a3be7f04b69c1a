/** The commands for the key. */

import * as vscode from 'vscode';
import { unfitForKey, whereKeyGoes } from '../core/hosts';
import type { EditorSettings } from './settings';

const STORED_MS = 5000;

/** Asks for a key and keeps it in VS Code's secret storage; true if there is a new one. */
export async function setKey(settings: EditorSettings): Promise<boolean> {
  const goes = whereKeyGoes(settings.values);
  const also = settings.hasKeyInSettings
    ? ' It wins over the one in your settings (codestral.api_key), which had better be deleted.'
    : '';
  const key = await vscode.window.showInputBox({
    title: 'Codestral: API key',
    prompt: `${goes} VS Code keeps it in the system's secret storage.${also}`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text ? unfitForKey(text) : ''),
  });
  if (!key?.trim() || unfitForKey(key)) {
    return false;
  }
  await settings.storeKey(key.trim());
  vscode.window.setStatusBarMessage('Codestral: the API key is stored.', STORED_MS);
  return true;
}

/** Forgets the key, and says if there is another one left. */
export async function clearKey(settings: EditorSettings): Promise<void> {
  await settings.deleteKey();
  const left = settings.hasKeyInSettings
    ? 'Another one stands in your settings: codestral.api_key.'
    : 'Keys of your environment and of config.toml are used as before.';
  void vscode.window.showInformationMessage(`The API key is deleted. ${left}`);
}
