/** Runs `codestral-ls doctor` in a terminal. */

import { type ChildProcess, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { Command } from '../core/finding';
import { asEnvironment, type Values } from '../core/settings';

/** The same settings and the same key as the server has, which VS Code writes nowhere. */
export function runDoctor(command: Command, values: Values): void {
  const pty = new DoctorTerminal(command, asEnvironment(values));
  vscode.window.createTerminal({ name: 'Codestral: doctor', pty }).show();
}

/** Not an ordinary terminal: VS Code could keep the environment of one, and so the key. */
class DoctorTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly closed = new vscode.EventEmitter<number>();
  private child: ChildProcess | undefined;
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  constructor(
    private readonly command: Command,
    private readonly environment: Record<string, string>,
  ) {}

  open(size: vscode.TerminalDimensions | undefined): void {
    const { program, args } = this.command;
    const env = {
      ...process.env,
      ...this.environment,
      PYTHONIOENCODING: 'utf-8',
      PYTHONUNBUFFERED: '1',
      COLUMNS: String(size?.columns ?? 80),
    };
    this.child = spawn(program, [...withoutServe(args), 'doctor'], {
      cwd: homedir(),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.child.stdout?.setEncoding('utf-8').on('data', (text: string) => this.write(text));
    this.child.stderr?.setEncoding('utf-8').on('data', (text: string) => this.write(text));
    this.child.on('error', (error) => this.write(`${error.message}\n`));
    this.child.on('close', () => {
      this.child = undefined;
      this.write('\nPress a key to close.\n');
    });
  }

  close(): void {
    this.child?.kill();
  }

  handleInput(data: string): void {
    if (!this.child) {
      this.closed.fire(0);
    } else if (data === '\x03') {
      this.child.kill();
    }
  }

  private write(text: string): void {
    this.written.fire(text.replace(/\r?\n/g, '\r\n'));
  }
}

/** The command that starts the server may name the server's own command, which is not meant here. */
function withoutServe(args: readonly string[]): readonly string[] {
  return args.filter((each) => each !== 'serve' && each !== '--stdio');
}
