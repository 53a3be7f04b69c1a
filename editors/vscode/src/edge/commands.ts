/** The commands: each is handed on in a few lines. */

import * as vscode from 'vscode';
import { isChosen, withLanguage, withoutLanguage } from '../core/languages';
import { isOfServer, menuOf, SEPARATOR } from '../core/menu';
import { isRunning } from '../core/status';
import { languageInFront } from './bar';
import { runDoctor } from './doctor';
import type { Explanations } from './explaining';
import { openInstallTerminal } from './installing';
import { clearKey, setKey } from './key';
import type { Offers } from './offers';
import type { Session } from './session';
import type { EditorSettings } from './settings';
import type { Statistics } from './statistics';
import { setQuickSuggestions } from './waiting';

const PAUSES = [5, 15, 60, 240];
const EXPLAINED = 20;
const DAYS = 30;

/** What the commands are about. */
export interface Stage {
  readonly session: Pick<Session, 'status' | 'command' | 'settled' | 'execute' | 'restart'>;
  readonly settings: EditorSettings;
  readonly offers: Offers;
  readonly channel: vscode.LogOutputChannel;
  readonly explanations: Explanations;
  readonly statistics: Statistics;
  readonly extension: string;
}

type Run = (...args: unknown[]) => unknown;

/** Registers them; what is returned takes them back. */
export function registerCommands(stage: Stage): vscode.Disposable {
  const commands = { ...switches(stage), ...looks(stage), ...setup(stage) };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`codestral-ls.${name}`, run),
    ),
  );
}

function switches({ session, settings, offers }: Stage): Record<string, Run> {
  return {
    toggle: () => ask(session, 'codestral.toggle'),
    pause: async (minutes) => {
      const chosen = typeof minutes === 'number' ? minutes : await chooseMinutes();
      return chosen && ask(session, 'codestral.pause', [chosen]);
    },
    resume: () => ask(session, 'codestral.pause', [0]),
    toggleLanguage: async () => {
      const language = languageInFront();
      if (!language) {
        void vscode.window.showInformationMessage('Codestral: no file is in front.');
        return;
      }
      const { languages } = settings;
      const change = isChosen(language, languages) ? withoutLanguage : withLanguage;
      await settings.setLanguages(change(language, languages));
    },
    acceptNextWord: () => offers.acceptPart('editor.action.inlineSuggest.acceptNextWord'),
    acceptNextLine: () => offers.acceptPart('editor.action.inlineSuggest.acceptNextLine'),
  };
}

function looks(stage: Stage): Record<string, Run> {
  const { session, settings, channel, explanations, statistics } = stage;
  return {
    menu: () => showMenu(stage),
    explain: async () => {
      const told = await ask(session, 'codestral.explain', [EXPLAINED]);
      return told === undefined ? undefined : explanations.show(told);
    },
    statistics: async (days) => {
      const chosen = typeof days === 'number' ? days : DAYS;
      const report = await ask(session, 'codestral.statistics', [chosen]);
      if (report !== undefined) {
        statistics.show(report, chosen);
      }
    },
    doctor: () => {
      if (session.command) {
        runDoctor(session.command, settings.values);
      } else {
        tellStatus(session);
      }
    },
    showLog: () => channel.show(),
  };
}

function setup({ session, settings, extension }: Stage): Record<string, Run> {
  const open = vscode.commands.executeCommand;
  return {
    setApiKey: () => setKey(settings),
    clearApiKey: () => clearKey(settings),
    restart: () => session.restart(),
    openSettings: () => open('workbench.action.openSettings', `@ext:${extension}`),
    openWalkthrough: () => open('workbench.action.openWalkthrough', `${extension}#start`, false),
    install: () => openInstallTerminal(),
    setQuickSuggestions: () => setQuickSuggestions(),
  };
}

/** What the server answers to a command that the user has given; why there is no answer is said. */
async function ask(
  session: Stage['session'],
  command: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  await session.settled();
  if (!isRunning(session.status)) {
    tellStatus(session);
    return undefined;
  }
  const answer = await session.execute(command, args);
  if (answer === undefined && session.status.state === 'starting') {
    return ask(session, command, args); // it has ended by itself meanwhile
  }
  if (answer === undefined) {
    const words = `Codestral: the server has not answered to ${command}. The log says why.`;
    void vscode.window.showWarningMessage(words);
  }
  return answer;
}

function tellStatus({ status }: Stage['session']): void {
  void vscode.window.showWarningMessage(`Codestral: ${status.message || status.state}`);
}

async function chooseMinutes(): Promise<number | undefined> {
  const items = PAUSES.map((minutes) => ({ label: `${minutes} minutes`, minutes }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: 'Pause for how long?' });
  return chosen?.minutes;
}

async function showMenu({ session, settings }: Stage): Promise<void> {
  const language = languageInFront();
  const entries = menuOf({
    status: session.status,
    language,
    languageIsOn: isChosen(language, settings.languages),
    hasKey: settings.hasKey,
  });
  const items = entries.map((entry) =>
    entry.command === SEPARATOR
      ? { label: '', kind: vscode.QuickPickItemKind.Separator, entry }
      : { label: entry.label, description: entry.description ?? '', entry },
  );
  const { state, message } = session.status;
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Codestral',
    placeHolder: message || state,
  });
  // After a click on the status bar the focus would stay there, and typing would go nowhere.
  await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
  if (!chosen) {
    return;
  }
  const { command, arguments: given = [] } = chosen.entry;
  if (isOfServer(command)) {
    await ask(session, command, given);
  } else {
    await vscode.commands.executeCommand(command, ...given);
  }
}
