/** The client of the protocol: vscode-languageclient, with what it lacks for this server. */

import type { ChildProcess } from 'node:child_process';
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  type FeatureState,
  LanguageClient,
  type LanguageClientOptions,
  type MessageSignature,
  type Middleware,
  RevealOutputChannelOn,
  type StaticFeature,
} from 'vscode-languageclient/node';
import { SELECTOR } from '../core/documents';
import { SECTION, type Values } from '../core/settings';

/** What a client is made of; `closed` says whether it is to be started again. */
export interface Parts {
  readonly start: () => Promise<ChildProcess>;
  readonly channel: vscode.LogOutputChannel;
  readonly values: () => Values;
  readonly middleware: Middleware;
  readonly closed: () => boolean;
}

/** A client that is ready to be started. */
export function makeClient(parts: Parts): LanguageClient {
  const client = new QuietClient(SECTION, 'Codestral', parts.start, optionsOf(parts));
  client.registerFeature(new Extras());
  return client;
}

function optionsOf(parts: Parts): LanguageClientOptions {
  return {
    documentSelector: SELECTOR,
    outputChannel: parts.channel,
    traceOutputChannel: parts.channel,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: () => ({ ...parts.values() }),
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({
        action: parts.closed() ? CloseAction.Restart : CloseAction.DoNotRestart,
        handled: true,
      }),
    },
    middleware: {
      ...parts.middleware,
      workspace: {
        configuration: async (params, token, next) => {
          if (params.items.every((each) => each.section === SECTION)) {
            return params.items.map(() => ({ ...parts.values() }));
          }
          return next(params, token);
        },
      },
    },
  };
}

/** A failure is the status bar's matter and the log's: nothing pops up over somebody's typing. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override handleFailedRequest<T>(
    type: MessageSignature,
    token: vscode.CancellationToken | undefined,
    error: unknown,
    defaultValue: T,
    _showNotification?: boolean,
    throwOnCancel?: boolean,
  ): T {
    return super.handleFailedRequest(type, token, error, defaultValue, false, throwOnCancel);
  }
}

/**
 * What is said beyond LSP: failures need no message, as they stand in the status bar; and each answer
 * holds all that is set, so that what the server began with and is taken back does not stay.
 */
class Extras implements StaticFeature {
  fillClientCapabilities(capabilities: { experimental?: unknown }): void {
    const others = (capabilities.experimental ?? {}) as Record<string, unknown>;
    const codestral = { status: true, configuration: true };
    capabilities.experimental = { ...others, codestral };
  }

  initialize(): void {}

  getState(): FeatureState {
    return { kind: 'static' };
  }

  clear(): void {}
}
