/** The server's process: the client talks to it, and this sees to it that none is left behind. */

import { type ChildProcess, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from '../core/finding';

/** For a server that was asked to leave to write down what it has counted. */
const LEAVE_MS = 5_000;
/** For what it has written to be read: its end is noticed sooner. */
const LAST_WORDS_MS = 1_000;

/** The processes of one client: a new one after each crash. */
export class Processes {
  private child: ChildProcess | undefined;
  private said = '';
  private closed: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly command: Command,
    private readonly log: (words: string) => void,
  ) {}

  /** Starts one; rejects if that is not possible. */
  start(): Promise<ChildProcess> {
    const { program, args } = this.command;
    // Not in the folder that is open: whatever lies there is not to be found by the server's Python.
    const child = spawn(program, args, { cwd: homedir(), windowsHide: true });
    this.child = child;
    this.closed = new Promise((resolve) => child.once('close', resolve));
    child.stderr.setEncoding('utf-8').on('data', (text: string) => {
      this.said = text.trim().split('\n').at(-1)?.trim() || this.said;
    });
    child.on('exit', (code, signal) => {
      this.log(`the server's process has ended (${signal ?? `status ${code}`})`);
    });
    return new Promise((resolve, reject) => {
      child.once('spawn', () => resolve(child));
      child.once('error', reject);
    });
  }

  /** The last line that it wrote to its standard error, where a Python that fails says why; or "". */
  async lastWords(waitMs = LAST_WORDS_MS): Promise<string> {
    await Promise.race([this.closed, wait(waitMs)]);
    return this.said;
  }

  /** Ends the one that still runs a while after it was to leave. */
  end(leaveMs = LEAVE_MS): void {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    child.stdin?.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), leaveMs);
    child.once('exit', () => clearTimeout(timer));
    timer.unref();
  }
}
