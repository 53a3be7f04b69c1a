/** The part of vscode-languageclient that the edge uses: what is sent is noted, tests play the server. */

import { EventEmitter } from './fake-vscode';

export enum State {
  Stopped = 1,
  Running = 2,
  Starting = 3,
  StartFailed = 4,
}
export enum CloseAction {
  DoNotRestart = 1,
  Restart = 2,
}
export enum ErrorAction {
  Continue = 1,
  Shutdown = 2,
}
export enum RevealOutputChannelOn {
  Never = 4,
}

interface Options {
  readonly initializationOptions: () => unknown;
  readonly errorHandler: { closed(): { action: CloseAction; handled: boolean } };
  readonly middleware: {
    workspace: {
      configuration(
        params: { items: { section?: string }[] },
        token: unknown,
        next: (params: unknown) => unknown,
      ): Promise<unknown>;
    };
  };
}

/** The clients that were made, the latest one last. */
export const clients: LanguageClient[] = [];
/** What each start does, and each request is answered with. */
export const server = {
  start: async (): Promise<void> => {},
  answer: async (_method: string, _params: unknown): Promise<unknown> => null,
};

export class LanguageClient {
  readonly sent: { method: string; params: unknown }[] = [];
  readonly shown: unknown[] = [];
  readonly features: { fillClientCapabilities(capabilities: object): void }[] = [];
  readonly heard = new Map<string, (value: unknown) => void>();
  readonly states = new EventEmitter<{ newState: State }>();
  readonly onDidChangeState = this.states.event;
  initialized: unknown;
  disposed = false;

  constructor(
    readonly id: string,
    readonly name: string,
    readonly run: () => Promise<unknown>,
    readonly options: Options,
  ) {
    clients.push(this);
  }
  registerFeature(feature: { fillClientCapabilities(capabilities: object): void }): void {
    this.features.push(feature);
  }
  onNotification(method: string, heard: (value: unknown) => void): void {
    this.heard.set(method, heard);
  }
  async start(): Promise<void> {
    await server.start();
    this.initialized = this.options.initializationOptions();
    this.states.fire({ newState: State.Running });
  }
  async sendRequest(method: string, params: unknown): Promise<unknown> {
    this.sent.push({ method, params });
    return server.answer(method, params);
  }
  async sendNotification(method: string, params: unknown): Promise<void> {
    this.sent.push({ method, params });
  }
  async dispose(): Promise<void> {
    this.disposed = true;
  }
  error(message: string, _data: unknown, show: unknown): void {
    this.shown.push([message, show]);
  }
  warn(message: string, _data: unknown, show: unknown): void {
    this.shown.push([message, show]);
  }
  handleFailedRequest(...args: unknown[]): unknown {
    this.shown.push(['failed', args[4]]);
    return args[3];
  }
}
