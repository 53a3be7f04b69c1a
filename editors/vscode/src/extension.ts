/** The extension: its parts, and how they hear of each other. */

import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { ACCEPTED } from './core/acceptance';
import { isRunning } from './core/status';
import { Asking } from './edge/asking';
import { StatusBar } from './edge/bar';
import { RedactedChannel } from './edge/channel';
import { registerCommands } from './edge/commands';
import { Explanations } from './edge/explaining';
import { tellMissing } from './edge/installing';
import { Offers } from './edge/offers';
import { onOtherInterpreter } from './edge/python';
import { Session } from './edge/session';
import { EditorSettings } from './edge/settings';
import { Statistics } from './edge/statistics';
import { Steps } from './edge/steps';
import { Waiting } from './edge/waiting';

let session: Session | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const settings = new EditorSettings(context.extension.packageJSON, context.secrets);
  const channel = new RedactedChannel(
    vscode.window.createOutputChannel('Codestral', { log: true }),
    () => settings.secrets,
  );
  const steps = new Steps();
  const asking = new Asking();
  const offers = new Offers(
    () => running,
    () => steps.take('offered'),
  );
  const middleware = {
    provideInlineCompletionItems: provideWith(offers, new Waiting(context.globalState)),
    executeCommand: executeWith(offers),
  };
  const running = new Session(settings, channel, middleware, tellOnce());
  session = running;
  const bar = new StatusBar();
  const explanations = new Explanations();
  const statistics = new Statistics();
  const extension = context.extension.id;
  const stage = {
    session: running,
    settings,
    offers,
    channel,
    explanations,
    statistics,
    extension,
  };
  context.subscriptions.push(
    channel,
    running,
    bar,
    explanations,
    statistics,
    steps,
    registerCommands(stage),
    ...listen(context, running, settings, bar),
    asking,
    running.onStatus((status) => asking.heed(status)),
    running.onStatus((status) => isRunning(status) && steps.take('running')),
  );
  await settings.readKey();
  void running.start();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}

/** Hands requests on, and remembers what came of them. */
function provideWith(
  offers: Offers,
  waiting: Waiting,
): NonNullable<Middleware['provideInlineCompletionItems']> {
  return async (document, position, context, token, next) => {
    const ended = waiting.watch(document, context, token);
    try {
      const result = await next(document, position, context, token);
      const items = Array.isArray(result) ? result : (result?.items ?? []);
      if (!token.isCancellationRequested) {
        offers.take(document, position, items);
      }
      return result;
    } finally {
      ended();
    }
  };
}

/** Looks at the document before the server hears that ghost text was accepted in it. */
function executeWith(offers: Offers): NonNullable<Middleware['executeCommand']> {
  return (command, args, next) => {
    if (command === ACCEPTED && args.length === 2) {
      offers.taken(args);
    }
    return next(command, args);
  };
}

function listen(
  context: vscode.ExtensionContext,
  running: Session,
  settings: EditorSettings,
  bar: StatusBar,
): vscode.Disposable[] {
  const show = () => bar.show(running.status, settings);
  const listenForInterpreter = once(async () => {
    context.subscriptions.push(
      await onOtherInterpreter(() => {
        if (running.dependsOnInterpreter) {
          void running.restart();
        }
      }),
    );
  });
  show();
  return [
    running.onStatus(() => {
      show();
      if (running.dependsOnInterpreter) {
        listenForInterpreter();
      }
    }),
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.workspace.onDidOpenTextDocument(show), // also after another language was chosen
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      restartIfMissing(running);
      void running.settingsChanged();
    }),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration('codestral.command')) {
        await running.restart();
      } else if (event.affectsConfiguration('codestral')) {
        await running.settingsChanged();
      }
      show();
    }),
    context.secrets.onDidChange(async () => {
      if (await settings.readKey()) {
        await running.settingsChanged();
      }
    }),
  ];
}

/** What is missing is told once, however often it is looked for. */
function tellOnce(): (problem: string, setting: boolean) => void {
  let told = '';
  return (problem, setting) => {
    if (problem !== told) {
      told = problem;
      void tellMissing(problem, setting);
    }
  };
}

function once(act: () => unknown): () => void {
  let isDone = false;
  return () => {
    if (!isDone) {
      isDone = true;
      void act();
    }
  };
}

function restartIfMissing(running: Session): void {
  if (running.status.state === 'missing') {
    void running.restart();
  }
}
