/** Sentences and figures for the page. Pure. */

import type { Entry } from './entries';
import type { Failure, Reply } from './reply';

const SOURCES: Readonly<Record<string, string>> = {
  model: 'generated for this request',
  cache: 'kept from an earlier call',
  joined: 'shared with the same call under way',
  'typed through': 'the rest of an earlier answer',
  offline: 'found in this text, without a model',
};
const GONE = 'The gateway does not answer. Is it still running? The next key asks again.';
const NO_TOKEN = 'The gateway wants a token: enter yours above the editor.';
const WRONG_TOKEN = 'The gateway does not know this token, or no longer: enter another one.';

/** Label and text of each line about an answer. */
export function factsOf(entry: Entry): [string, string][] {
  const { outcome } = entry;
  const facts: [string, string][] =
    'reply' in outcome ? replyFacts(outcome.reply) : failureFacts(outcome.failure);
  return [
    ...facts,
    ['In the browser', browserTimes(entry)],
    ['Asked', `${entry.trigger === 'invoked' ? 'by hand' : 'while typing'}, ${entry.language}`],
    ['On the page', entry.fate],
  ].filter((each): each is [string, string] => each[1] !== '');
}

function replyFacts(reply: Reply): [string, string][] {
  const about = SOURCES[reply.source];
  return [
    ['Source', about ? `${reply.source} (${about})` : reply.source],
    ['Nothing, because', [reply.reason, reply.detail].filter(Boolean).join(': ')],
    ['Model', [reply.model, reply.provider && `at ${reply.provider}`].filter(Boolean).join(' ')],
    ['In the gateway', gatewayTimes(reply)],
    ['Tokens', tokensOf(reply)],
    ['Cost', reply.cost === undefined ? '' : moneyOf(reply.cost)],
    ['Ended by', reply.finish],
  ];
}

function failureFacts(failure: Failure): [string, string][] {
  return [
    ['Failed', failureSaid(failure)],
    ['Status', failure.status ? `${failure.status} ${failure.code}`.trim() : ''],
  ];
}

function gatewayTimes({ total, firstToken }: Reply): string {
  const first = firstToken ? `, first token after ${milliseconds(firstToken)}` : '';
  return total === undefined ? '' : milliseconds(total) + first;
}

function browserTimes({ first, last }: Entry): string {
  const begun = first === undefined ? '' : `, first text after ${milliseconds(first)}`;
  return `${milliseconds(last)} there and back${begun}`;
}

function tokensOf({ tokens }: Reply): string {
  if (!tokens) {
    return '';
  }
  const cached = tokens.cached ? `, ${tokens.cached} of them cached` : '';
  const about = tokens.estimated ? 'about ' : ''; // a call that was broken off is not counted
  return `${about}${tokens.prompt} in${cached}, ${tokens.completion} out`;
}

/** Milliseconds, as exact as they are of interest. */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** Money, which a single answer costs little of; its currency is that of the bill. */
export function moneyOf(value: number): string {
  return value === 0 ? '0' : value.toFixed(value < 0.01 ? 6 : 4);
}

/** The line of an answer in the list. */
export function labelOf(entry: Entry): string {
  const { outcome } = entry;
  if ('failure' in outcome) {
    return outcome.failure.status ? `failed, ${outcome.failure.status}` : 'failed';
  }
  const { reply } = outcome;
  const text = reply.proposals[0]?.text.trim().split('\n', 1)[0];
  return text ?? (reply.reason || 'nothing');
}

/** How long an answer took and where it came from, for the list. */
export function badgeOf(entry: Entry): string {
  const { outcome, last } = entry;
  const source = 'reply' in outcome ? outcome.reply.source : '';
  return [source, milliseconds(last)].filter(Boolean).join(' · ');
}

/** What happened and what to do, when an answer failed. */
export function failureSaid(failure: Failure, hasToken = false): string {
  const { status, message, retryAfter } = failure;
  if (status === 0) {
    return GONE;
  }
  if (status === 401) {
    return hasToken ? WRONG_TOKEN : NO_TOKEN;
  }
  const said = message || `The gateway answered with status ${status}.`;
  if (!retryAfter) {
    return said;
  }
  return `${said} The page asks again in ${whileOf(retryAfter)}.`;
}

function whileOf(seconds: number): string {
  if (seconds < 100) {
    return `${Math.ceil(seconds)} s`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

/** What happened when an answer came, for the line below the editor. */
export function replySaid(reply: Reply, last: number, shown: boolean): string {
  const times = [reply.source, milliseconds(last)].filter(Boolean).join(', ');
  if (shown) {
    const { length } = reply.proposals;
    const several = length > 1 ? ` There are ${length}: Alt+] shows the next one.` : '';
    return `${times}. Tab accepts, Esc dismisses.${several}`;
  }
  const why = [reply.reason, reply.detail].filter(Boolean).join(': ');
  return reply.proposals.length ? `${times}. It no longer fits.` : `Nothing here: ${why || times}.`;
}

/** Which of several texts is shown. */
export function turnSaid(shown: number, all: number): string {
  return `Text ${shown} of ${all}. Tab accepts, Esc dismisses.`;
}
