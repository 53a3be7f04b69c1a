/**
 * The part of VS Code's API that the edge uses, small enough to be read: what was shown is noted,
 * what the user would answer is set before. Tests reach it by `import * as vscode from 'vscode'`.
 */

import { Position, type Range, Uri } from './fake-places';

export * from './fake-places';

export class Disposable {
  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.forEach((each) => void each.dispose()));
  }
  constructor(private readonly end: () => void) {}
  dispose(): void {
    this.end();
  }
}

export class EventEmitter<T> {
  private readonly heard = new Set<(event: T) => unknown>();
  readonly event = (listener: (event: T) => unknown): Disposable => {
    this.heard.add(listener);
    return new Disposable(() => this.heard.delete(listener));
  };
  fire(event: T): void {
    for (const each of [...this.heard]) {
      each(event);
    }
  }
  get listeners(): number {
    return this.heard.size;
  }
  dispose(): void {
    this.heard.clear();
  }
}

export class ThemeColor {
  constructor(readonly id: string) {}
}

export const StatusBarAlignment = { Left: 1, Right: 2 };
export const ViewColumn = { Active: -1, Beside: -2 };
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const InlineCompletionTriggerKind = { Invoke: 0, Automatic: 1 };

/** A document of one text. */
export class FakeDocument {
  version = 1;
  constructor(
    public text: string,
    readonly uri: Uri = Uri.file('/a.py'),
    readonly languageId = 'python',
  ) {}
  getText(range?: Range): string {
    return range
      ? this.text.slice(this.offsetAt(range.start), this.offsetAt(range.end))
      : this.text;
  }
  offsetAt({ line, character }: Position): number {
    const lines = this.text.split('\n');
    return lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  }
  positionAt(offset: number): Position {
    const lines = this.text.slice(0, offset).split('\n');
    return new Position(lines.length - 1, lines.at(-1)?.length ?? 0);
  }
  /** What typing or accepting does: the text changes, and who listens hears of it. */
  insert(offset: number, text: string): void {
    this.text = this.text.slice(0, offset) + text + this.text.slice(offset);
    this.version += 1;
    const contentChanges = [{ rangeOffset: offset, rangeLength: 0, text }];
    events.textChanged.fire({ document: this, contentChanges });
  }
}

export const events = {
  textChanged: new EventEmitter<unknown>(),
  configurationChanged: new EventEmitter<{ affectsConfiguration(name: string): boolean }>(),
  selectionChanged: new EventEmitter<unknown>(),
  tabsChanged: new EventEmitter<{ opened: { input: unknown }[] }>(),
  editorChanged: new EventEmitter<unknown>(),
  documentOpened: new EventEmitter<unknown>(),
  trusted: new EventEmitter<void>(),
};

/** Sets a value as the user does, and tells of it. */
export function configure(name: string, value: unknown): void {
  configured[name] = { globalValue: value };
  events.configurationChanged.fire({
    affectsConfiguration: (other) => name === other || name.startsWith(`${other}.`),
  });
}

/** What stands in the settings: section.name -> places. */
export const configured: Record<string, Record<string, unknown>> = {};
/** What was shown, in order: kind and words. */
export const shown: { kind: string; words: string; choices: string[] }[] = [];
/** What was run by id. */
export const ran: { id: string; args: unknown[] }[] = [];
/** What the user answers; taken from the front. */
export const answers: unknown[] = [];
export const registered = new Map<string, (...args: unknown[]) => unknown>();
export const updated: { name: string; value: unknown; target: number }[] = [];

/** Forgets everything between two tests. */
export function reset(): void {
  for (const name of Object.keys(configured)) {
    delete configured[name];
  }
  for (const list of [shown, ran, answers, updated]) {
    list.length = 0;
  }
  registered.clear();
  workspace.isTrusted = true;
  workspace.workspaceFolders = [];
  window.activeTextEditor = undefined;
  window.panels.length = 0;
  window.terminals.length = 0;
  window.bars.length = 0;
  extensions.installed = {};
}

async function show(kind: string, words: string, ...choices: string[]): Promise<unknown> {
  shown.push({ kind, words, choices });
  return answers.shift();
}

export const workspace = {
  isTrusted: true,
  workspaceFolders: [] as { uri: Uri }[],
  onDidChangeTextDocument: events.textChanged.event,
  onDidChangeConfiguration: events.configurationChanged.event,
  onDidOpenTextDocument: events.documentOpened.event,
  onDidGrantWorkspaceTrust: events.trusted.event,
  getConfiguration(section: string) {
    return {
      get: (name: string) => {
        const places = configured[`${section}.${name}`] ?? {};
        return places['workspaceValue'] ?? places['globalValue'] ?? places['defaultValue'];
      },
      inspect: (name: string) => configured[`${section}.${name}`],
      update: async (name: string, value: unknown, target: number) => {
        updated.push({ name: `${section}.${name}`, value, target });
      },
    };
  },
  registerTextDocumentContentProvider: (_scheme: string, provider: unknown) => {
    workspace.provider = provider as typeof workspace.provider;
    return new Disposable(() => {});
  },
  provider: undefined as { provideTextDocumentContent(): string } | undefined,
  openTextDocument: async (uri: Uri) =>
    new FakeDocument(workspace.provider?.provideTextDocumentContent() ?? '', uri, 'plaintext'),
};

export const window = {
  activeTextEditor: undefined as unknown,
  panels: [] as FakePanel[],
  terminals: [] as { name: string; pty: unknown; typed: string[] }[],
  tabGroups: { onDidChangeTabs: events.tabsChanged.event },
  state: { focused: true },
  onDidChangeTextEditorSelection: events.selectionChanged.event,
  onDidChangeActiveTextEditor: events.editorChanged.event,
  bars: [] as { text: string; tooltip: string; command?: string }[],
  createStatusBarItem: () => {
    const item = { show() {}, dispose() {}, text: '', tooltip: '' };
    window.bars.push(item);
    return item;
  },
  createOutputChannel: () => new FakeChannel(),
  showInformationMessage: (words: string, ...rest: string[]) => show('information', words, ...rest),
  showWarningMessage: (words: string, ...rest: string[]) => show('warning', words, ...rest),
  showInputBox: (options: { prompt: string }) => show('input', options.prompt),
  setStatusBarMessage: (words: string) => void show('bar', words),
  showQuickPick: async (items: { label: string }[]) => {
    shown.push({ kind: 'pick', words: '', choices: items.map((each) => each.label) });
    const wanted = answers.shift();
    return items.find((each) => typeof wanted === 'string' && each.label.includes(wanted));
  },
  showTextDocument: async (document: FakeDocument) => {
    shown.push({ kind: 'document', words: document.getText(), choices: [] });
  },
  createWebviewPanel: () => {
    const panel = new FakePanel();
    window.panels.push(panel);
    return panel;
  },
  createTerminal: (options: string | { name: string; pty: unknown }) => {
    const { name, pty } = typeof options === 'string' ? { name: options, pty: undefined } : options;
    const typed: string[] = [];
    window.terminals.push({ name, pty, typed });
    return { show() {}, sendText: (text: string, run: boolean) => typed.push(`${text}|${run}`) };
  },
};

class FakePanel {
  readonly webview = { html: '' };
  readonly closed = new EventEmitter<void>();
  readonly onDidDispose = this.closed.event;
  reveal(): void {}
  dispose(): void {
    this.closed.fire();
  }
}

export const commands = {
  registerCommand: (id: string, run: (...args: unknown[]) => unknown) => {
    registered.set(id, run);
    return new Disposable(() => registered.delete(id));
  },
  executeCommand: async (id: string, ...args: unknown[]) => {
    ran.push({ id, args });
    return registered.get(id)?.(...args);
  },
};

export const env = {
  clipboard: {
    written: '',
    writeText: async (text: string) => {
      env.clipboard.written = text;
    },
  },
};

export const extensions = {
  installed: {} as Record<string, { activate(): Promise<unknown> }>,
  getExtension: (id: string) => extensions.installed[id],
};

/** A secret storage in memory. */
export class FakeSecrets {
  private readonly kept = new Map<string, string>();
  private readonly changed = new EventEmitter<{ key: string }>();
  readonly onDidChange = this.changed.event;
  get = async (key: string) => this.kept.get(key);
  keys = async () => [...this.kept.keys()];
  store = async (key: string, value: string) => {
    this.kept.set(key, value);
    this.changed.fire({ key });
  };
  delete = async (key: string) => {
    this.kept.delete(key);
    this.changed.fire({ key });
  };
}

/** A log in memory. */
export class FakeChannel {
  readonly lines: string[] = [];
  readonly name = 'Codestral';
  readonly logLevel = 1;
  readonly onDidChangeLogLevel = new EventEmitter<number>().event;
  private note = (...words: unknown[]) => void this.lines.push(words.map(String).join(' '));
  trace = this.note;
  debug = this.note;
  info = this.note;
  warn = this.note;
  error = this.note;
  append = this.note;
  appendLine = this.note;
  replace = this.note;
  clear(): void {}
  show(): void {}
  hide(): void {}
  dispose(): void {}
}
