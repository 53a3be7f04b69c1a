/** The gateway that the page comes from. Its addresses are relative: it may stand behind a path. */

import { readEvents } from '../core/events';
import { listOf, objectOf, parse, textOf } from '../core/json';
import { type Failure, failureOf, type Reply, replyOf } from '../core/reply';
import { keep, recall } from './storage';

const TOKEN = 'codestral-ls-token';

/** The body of `POST /complete`. */
export interface Question {
  readonly prefix: string;
  readonly suffix: string;
  readonly language: string;
  readonly trigger: 'automatic' | 'invoked';
  readonly explain: true;
  readonly candidates?: number;
  readonly model?: string;
}

/** No answer, and why. */
export class FailedError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** Why there is no answer; whatever is no answer of the gateway's means that it cannot be reached. */
export function failureIn(error: unknown): Failure {
  return error instanceof FailedError ? error.failure : { status: 0, code: '', message: '' };
}

/** Asks the gateway; the token stays in this tab and never gets into an address. */
export class Wire {
  token = recall(() => sessionStorage, TOKEN);

  /** Takes a token as somebody has entered it, perhaps with blanks around it. */
  use(token: string): void {
    this.token = token.replaceAll(/[^!-~]/g, ''); // no header field could hold anything else
    keep(() => sessionStorage, TOKEN, this.token);
  }

  /** The names of the models that may be asked, the usual one first. */
  async models(): Promise<string[]> {
    const response = await this.fetch('v1/models', {});
    const models = listOf(parse(await response.text()).data);
    return models.map((each) => textOf(objectOf(each).id)).filter(Boolean);
  }

  /** The answer to a question; `onText` is told what is known of it each time that this is more. */
  async complete(
    question: Question,
    signal: AbortSignal,
    onText: (text: string) => void,
  ): Promise<Reply> {
    const response = await this.fetch('complete', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify(question),
      signal,
    });
    const isStream = response.headers.get('Content-Type')?.startsWith('text/event-stream');
    if (!isStream || !response.body) {
      return replyOf(parse(await response.text()));
    }
    return readStream(response.body, onText);
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers ?? {});
    if (this.token) {
      headers.set('Authorization', `Bearer ${this.token}`);
    }
    const response = await fetch(path, { ...init, headers, cache: 'no-store' });
    if (!response.ok) {
      const body = parse(await response.text());
      throw new FailedError(failureOf(response.status, body, response.headers.get('Retry-After')));
    }
    return response;
  }
}

async function readStream(
  body: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<Reply> {
  const reader = body.getReader();
  try {
    return await readEventsOf(reader, onText);
  } finally {
    void drain(reader);
  }
}

/** Reads to the end what is no longer of interest: the connection can then serve the next call. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done) {}
  } catch {
    // broken off, or gone: nobody waits for it
  }
}

async function readEventsOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  onText: (text: string) => void,
): Promise<Reply> {
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const read = readEvents(rest + decoder.decode(value, { stream: !done }));
    rest = read.rest;
    for (const { name, data } of read.events) {
      const json = parse(data);
      if (name === 'growing') {
        onText(textOf(json.completion));
      } else if (name === 'done') {
        return replyOf(json);
      } else if (name === 'error') {
        throw new FailedError(failureOf(200, json, null));
      }
    }
    if (done) {
      const message = 'The answer broke off before its end. The next key asks again.';
      throw new FailedError({ status: 200, code: 'broken_off', message });
    }
  }
}
