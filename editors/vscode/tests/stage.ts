/** What several tests begin with. */

import { readFileSync } from 'node:fs';
import type * as vscode from 'vscode';
import { EditorSettings } from '../src/edge/settings';
import { FakeSecrets, reset } from './fake-vscode';

/** The settings of a user who has set nothing yet, with an empty secret storage. */
export function freshSettings(): { settings: EditorSettings; secrets: FakeSecrets } {
  reset();
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const secrets = new FakeSecrets();
  const settings = new EditorSettings(manifest, secrets as unknown as vscode.SecretStorage);
  return { settings, secrets };
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > end) {
      throw new Error('it never came to hold');
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
