/** The log: one output channel, in which no key ever stands, also not in a trace. */

import type { LogLevel, LogOutputChannel, ViewColumn } from 'vscode';
import { redact } from '../core/redaction';

/** An output channel that leaves secrets out of whatever is written to it. */
export class RedactedChannel implements LogOutputChannel {
  constructor(
    private readonly channel: LogOutputChannel,
    private readonly secrets: () => Iterable<string>,
  ) {}

  get name(): string {
    return this.channel.name;
  }

  get logLevel(): LogLevel {
    return this.channel.logLevel;
  }

  get onDidChangeLogLevel() {
    return this.channel.onDidChangeLogLevel;
  }

  trace(message: string, ...rest: unknown[]): void {
    this.channel.trace(this.clean(message), ...rest.map((each) => this.cleaned(each)));
  }

  debug(message: string, ...rest: unknown[]): void {
    this.channel.debug(this.clean(message), ...rest.map((each) => this.cleaned(each)));
  }

  info(message: string, ...rest: unknown[]): void {
    this.channel.info(this.clean(message), ...rest.map((each) => this.cleaned(each)));
  }

  warn(message: string, ...rest: unknown[]): void {
    this.channel.warn(this.clean(message), ...rest.map((each) => this.cleaned(each)));
  }

  error(error: string | Error, ...rest: unknown[]): void {
    const text = typeof error === 'string' ? error : (error.stack ?? error.message);
    this.channel.error(this.clean(text), ...rest.map((each) => this.cleaned(each)));
  }

  append(value: string): void {
    this.channel.append(this.clean(value));
  }

  appendLine(value: string): void {
    this.channel.appendLine(this.clean(value));
  }

  replace(value: string): void {
    this.channel.replace(this.clean(value));
  }

  clear(): void {
    this.channel.clear();
  }

  show(column?: ViewColumn | boolean, preserveFocus?: boolean): void {
    this.channel.show(typeof column === 'boolean' ? column : preserveFocus);
  }

  hide(): void {
    this.channel.hide();
  }

  dispose(): void {
    this.channel.dispose();
  }

  private clean(text: string): string {
    return redact(text, this.secrets());
  }

  private cleaned(value: unknown): unknown {
    return this.clean(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)));
  }
}
