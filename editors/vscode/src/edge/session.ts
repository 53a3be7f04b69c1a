/** The server's life: found, started, told of settings, started again, ended. */

import * as vscode from 'vscode';
import { type LanguageClient, type Middleware, State } from 'vscode-languageclient/node';
import { Crashes } from '../core/crashes';
import type { Command } from '../core/finding';
import { isRunning, type Status, statusIn } from '../core/status';
import { makeClient } from './client';
import { findServer, isThere, SELECTED } from './finding';
import { Processes } from './process';
import type { EditorSettings } from './settings';

const STATUS = 'codestral/status';
const START_MS = 60_000;
const STOP_MS = 2_000;
const LOOK_MS = 5_000;

/** One server at a time. Everything that starts or stops it waits for what came before. */
export class Session implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private processes: Processes | undefined;
  private queue: Promise<void> = Promise.resolve();
  private looking: NodeJS.Timeout | undefined;
  private hasRun = false;
  private crashes = new Crashes();
  private readonly changed = new vscode.EventEmitter<Status>();
  private shown: Status = { state: 'starting', message: '' };
  /** What the server is started with; undefined as long as it is nowhere. */
  command: Command | undefined;
  /** Whether another choice of an interpreter would find another server, or one at all. */
  dependsOnInterpreter = false;

  readonly onStatus = this.changed.event;

  constructor(
    private readonly settings: EditorSettings,
    private readonly channel: vscode.LogOutputChannel,
    private readonly middleware: Middleware,
    private readonly missing: (problem: string, setting: boolean) => void,
  ) {}

  get status(): Status {
    return this.shown;
  }

  start(): Promise<void> {
    return this.inTurn(() => this.begin());
  }

  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      this.crashes = new Crashes();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  /** Lets the server ask for the settings. */
  async settingsChanged(): Promise<void> {
    if (this.client && this.hasRun) {
      const params = { settings: null };
      await this.client
        .sendNotification('workspace/didChangeConfiguration', params)
        .catch(() => undefined); // it is just being started again, and asks by itself
    }
  }

  /** Waits as long as a server is being started, or started again. */
  async settled(): Promise<void> {
    while (this.shown.state === 'starting') {
      await new Promise<void>((resolve) => {
        const listening = this.onStatus(() => {
          listening.dispose();
          resolve();
        });
      });
    }
  }

  /** Has the server run one of its commands; undefined, and a line in the log, if it cannot. */
  async execute(command: string, args: readonly unknown[] = []): Promise<unknown> {
    if (!this.client || !isRunning(this.shown)) {
      return undefined;
    }
    try {
      return await this.client.sendRequest('workspace/executeCommand', {
        command,
        arguments: args,
      });
    } catch (error) {
      this.channel.error(`${command}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** Tells the server something, as long as there is one. */
  async notify(method: string, params: object): Promise<void> {
    if (this.client && isRunning(this.shown)) {
      await this.client.sendNotification(method, params).catch(() => undefined);
    }
  }

  dispose(): void {
    this.stopLooking();
    this.changed.dispose();
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(work).catch((error) => {
      this.channel.error(error instanceof Error ? error : String(error));
    });
    return this.queue;
  }

  private async begin(): Promise<void> {
    this.stopLooking();
    this.show({ state: 'starting', message: 'looking for the server' });
    const found = await findServer(this.settings.command);
    const isMissing = 'problem' in found;
    this.dependsOnInterpreter = isMissing ? !found.setting : found.origin === SELECTED;
    if (isMissing) {
      this.command = undefined;
      this.channel.warn(found.problem);
      this.show({ state: 'missing', message: found.problem });
      this.missing(found.problem, found.setting);
      this.look();
      return;
    }
    this.command = found.command;
    const words = [found.command.program, ...found.command.args].join(' ');
    this.channel.info(`starting ${words} (${found.origin})`);
    this.show({ state: 'starting', message: words });
    await this.run(found.command, words);
  }

  private async run(command: Command, words: string): Promise<void> {
    this.hasRun = false;
    const { channel } = this;
    const processes = new Processes(command, (told) => channel.info(told));
    const client = makeClient({
      start: () => processes.start(),
      channel,
      values: () => this.settings.values,
      middleware: this.middleware,
      closed: () => this.client === client && this.closed(),
    });
    const isCurrent = () => this.client === client;
    client.onNotification(STATUS, (value: unknown) => {
      const status = statusIn(value);
      if (status && isCurrent()) {
        this.show(status);
      }
    });
    client.onDidChangeState(({ newState }) => {
      if (isCurrent() && newState === State.Running) {
        this.hasRun = true;
        void this.askStatus(client, words);
      } else if (isCurrent() && newState === State.StartFailed && this.hasRun) {
        this.show({ state: 'stopped', message: `${words} could not be started again.` });
      }
    });
    this.client = client;
    this.processes = processes;
    try {
      await startWithin(START_MS, client);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      channel.error(`${words} could not be started: ${why}`);
      await this.end();
      const told = (await processes.lastWords()) || 'The log says why.';
      this.show({ state: 'stopped', message: `${words} could not be started. ${told}` });
    }
  }

  /** A server that runs tells its status by itself, unless it is one that has none. */
  private async askStatus(client: LanguageClient, words: string): Promise<void> {
    await new Promise(setImmediate); // the client has yet to say `initialized`
    const answer = await client.sendRequest(STATUS).catch(() => undefined);
    if (this.client === client && this.shown.state === 'starting') {
      this.show(statusIn(answer) ?? { state: 'ready', message: words });
    }
  }

  /** The server has ended by itself: true if it is to be started again. */
  private closed(): boolean {
    const again = this.hasRun && this.crashes.mayRestart(Date.now());
    this.channel.error(`the server has ended by itself${again ? ', and is started again' : ''}`);
    this.show(
      again
        ? { state: 'starting', message: 'the server had ended by itself' }
        : { state: 'stopped', message: 'The server has ended by itself. The log says why.' },
    );
    return again;
  }

  private async end(): Promise<void> {
    const { client, processes } = this;
    this.client = undefined;
    this.processes = undefined;
    this.hasRun = false;
    this.stopLooking();
    // It may have ended by itself, or never have begun.
    await client?.dispose(STOP_MS).catch(() => undefined);
    processes?.end();
  }

  /** Looks now and then whether it has been installed. */
  private look(): void {
    this.looking = setInterval(async () => {
      if ((await isThere(this.settings.command)) && this.looking) {
        this.stopLooking();
        await this.restart();
      }
    }, LOOK_MS);
  }

  private stopLooking(): void {
    clearInterval(this.looking);
    this.looking = undefined;
  }

  private show(status: Status): void {
    this.shown = status;
    this.changed.fire(status);
  }
}

async function startWithin(ms: number, client: LanguageClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    await Promise.race([client.start(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
