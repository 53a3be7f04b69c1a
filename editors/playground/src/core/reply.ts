/** A gateway's answer to a question, as values. Pure. */

import { isObject, type Json, listOf, numberOf, objectOf, textOf } from './json';

/** One text that may be shown; `replaces` counts characters, not UTF-16 units. */
export interface Proposal {
  readonly text: string;
  readonly replaces: number;
}

export interface Step {
  readonly rule: string;
  readonly before: number;
  readonly after: number;
}

export interface Tokens {
  readonly prompt: number;
  readonly completion: number;
  readonly cached: number;
  readonly estimated: boolean;
}

export interface Reply {
  readonly proposals: readonly Proposal[];
  readonly source: string;
  readonly provider: string;
  readonly model: string;
  readonly finish: string;
  readonly tokens?: Tokens;
  readonly cost?: number;
  readonly total?: number;
  readonly firstToken?: number;
  readonly reason: string;
  readonly detail: string;
  readonly prompt?: { readonly prefix: string; readonly suffix: string };
  readonly steps: readonly Step[];
  readonly snippets: readonly string[];
}

/** Why there is no answer; `retryAfter` is in seconds. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfter?: number;
}

/** What a reply of `POST /complete` says. */
export function replyOf(json: Json): Reply {
  const milliseconds = objectOf(json.milliseconds);
  const others = listOf(json.others).map(proposalOf);
  const first = { text: textOf(json.completion), replaces: numberOf(json.replaces) ?? 0 };
  return {
    proposals: [first, ...others].filter((each) => each.text),
    source: textOf(json.source),
    provider: textOf(json.provider),
    model: textOf(json.model),
    finish: textOf(json.finish_reason),
    reason: textOf(json.reason),
    detail: textOf(json.detail),
    steps: listOf(json.steps).map(stepOf),
    snippets: snippetsOf(objectOf(json.sent)),
    ...optional('tokens', isObject(json.tokens) ? tokensOf(json.tokens) : undefined),
    ...optional('cost', numberOf(json.cost)),
    ...optional('total', numberOf(milliseconds.total)),
    ...optional('firstToken', numberOf(milliseconds.first_token)),
    ...optional('prompt', isObject(json.prompt) ? promptOf(json.prompt) : undefined),
  };
}

/** What a body of an error says. */
export function failureOf(status: number, json: Json, retryAfter: string | null): Failure {
  const error = objectOf(json.error);
  const seconds = retryAfter === null ? undefined : numberOf(Number(retryAfter));
  return {
    status,
    code: textOf(error.code),
    message: textOf(error.message),
    ...optional('retryAfter', seconds),
  };
}

function proposalOf(value: unknown): Proposal {
  const json = objectOf(value);
  return {
    text: textOf(value) || textOf(json.completion) || textOf(json.text),
    replaces: numberOf(json.replaces) ?? 0,
  };
}

function stepOf(value: unknown): Step {
  const [rule, before, after] = Array.isArray(value)
    ? value
    : [objectOf(value).rule, objectOf(value).before, objectOf(value).after];
  return { rule: textOf(rule), before: numberOf(before) ?? 0, after: numberOf(after) ?? 0 };
}

function tokensOf(json: Json): Tokens {
  return {
    prompt: numberOf(json.prompt) ?? 0,
    completion: numberOf(json.completion) ?? 0,
    cached: numberOf(json.cached) ?? 0,
    estimated: json.estimated === true,
  };
}

function promptOf(json: Json): NonNullable<Reply['prompt']> {
  return { prefix: textOf(json.prefix), suffix: textOf(json.suffix) };
}

function snippetsOf(sent: Json): string[] {
  return listOf(sent.snippets).map(
    (each) => textOf(listOf(each)[0]) || textOf(objectOf(each).path),
  );
}

function optional<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: V };
}
