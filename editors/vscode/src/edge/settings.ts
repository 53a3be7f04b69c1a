/** What the user has set, as VS Code knows it, and the key from its secret storage. */

import * as vscode from 'vscode';
import { chosenValues, type Declared, declaredIn, SECTION, type Values } from '../core/settings';

const KEY = 'codestral.api_key';

/** The settings of the server. The key that was set by command wins over one in the settings. */
export class EditorSettings {
  private readonly declared: readonly Declared[];
  private key = '';
  /** Every key of this session: what was logged about an older one is no less secret. */
  private readonly keys = new Set<string>();

  constructor(
    manifest: Parameters<typeof declaredIn>[0],
    private readonly storage: vscode.SecretStorage,
  ) {
    this.declared = declaredIn(manifest);
  }

  /** Reads the key, which VS Code hands over later only; true if it is another one now. */
  async readKey(): Promise<boolean> {
    const key = (await this.storage.get(KEY)) ?? '';
    const isNew = key !== this.key;
    this.key = key;
    if (key) {
      this.keys.add(key);
    }
    return isNew;
  }

  async storeKey(key: string): Promise<void> {
    this.keys.add(key);
    await this.storage.store(KEY, key);
  }

  async deleteKey(): Promise<void> {
    await this.storage.delete(KEY);
  }

  get hasKey(): boolean {
    return this.key !== '';
  }

  /** Whether there is a key in the settings too. */
  get hasKeyInSettings(): boolean {
    return Boolean(this.read()['api_key']);
  }

  /** What the server is sent. */
  get values(): Values {
    const values = this.read();
    return this.key ? { ...values, api_key: this.key } : values;
  }

  /** What no log may show. */
  get secrets(): string[] {
    const written = this.read()['api_key'];
    return typeof written === 'string' ? [...this.keys, written] : [...this.keys];
  }

  /** The command that starts the server, as far as the user (and not a folder) has said one. */
  get command(): unknown {
    return vscode.workspace.getConfiguration(SECTION).inspect('command')?.globalValue;
  }

  get languages(): readonly string[] {
    const value = vscode.workspace.getConfiguration(SECTION).get<unknown>('languages');
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : ['code'];
  }

  /** Whether they are set in VS Code: otherwise config.toml may say others. */
  get hasLanguages(): boolean {
    return 'languages' in this.read();
  }

  /** Writes the languages where they are set already, else for the user. */
  async setLanguages(languages: readonly string[]): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const isOfWorkspace = configuration.inspect('languages')?.workspaceValue !== undefined;
    const target = isOfWorkspace
      ? vscode.ConfigurationTarget.Workspace
      : vscode.ConfigurationTarget.Global;
    await configuration.update('languages', languages, target);
  }

  private read(): Record<string, unknown> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const trusted = vscode.workspace.isTrusted;
    return chosenValues(this.declared, (name) => configuration.inspect(name), trusted);
  }
}
