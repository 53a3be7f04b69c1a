import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, MOST_ENTRIES, withEntry, withFate } from '../src/core/entries';
import { parse } from '../src/core/json';
import { failureOf, replyOf } from '../src/core/reply';
import { isUntouched, opened, SAMPLES } from '../src/core/samples';
import { factsOf, failureSaid, labelOf, moneyOf, replySaid } from '../src/core/saying';

const REPLY = {
  completion: 'a + b',
  replaces: 1,
  others: [{ completion: 'b + a', replaces: 0 }],
  source: 'model',
  provider: 'mistral',
  model: 'codestral-2508',
  finish_reason: 'stop',
  tokens: { prompt: 80, completion: 3, cached: 64, estimated: true },
  cost: 0.0000321,
  milliseconds: { total: 212.4, first_token: 143.2 },
  reason: '',
  detail: '',
  prompt: { prefix: 'x', suffix: 'y' },
  steps: [{ rule: 'single_line', before: 9, after: 5 }],
  sent: { snippets: [{ path: 'a.py', characters: 20 }] },
};

function entryOf(id: number, json: object = REPLY): Entry {
  const outcome = { reply: replyOf({ ...json }) };
  const rest = { language: 'python', trigger: 'automatic', last: 230, fate: '' } as const;
  return { id, time: new Date(0), outcome, ...rest };
}

test('a reply is read with all that it explains', () => {
  const reply = replyOf(REPLY);
  assert.deepEqual(reply.proposals, [
    { text: 'a + b', replaces: 1 },
    { text: 'b + a', replaces: 0 },
  ]);
  assert.deepEqual(reply.steps, [{ rule: 'single_line', before: 9, after: 5 }]);
  assert.deepEqual(reply.snippets, ['a.py']);
  assert.deepEqual(reply.prompt, { prefix: 'x', suffix: 'y' });
});

test('a reply of another version is read as far as it goes', () => {
  const odd = {
    completion: 3,
    others: 'x',
    tokens: null,
    milliseconds: [],
    steps: [[], 1],
    sent: 1,
  };
  const reply = replyOf(odd);
  assert.deepEqual(reply.proposals, []);
  assert.equal(reply.tokens, undefined);
  assert.equal(reply.total, undefined);
  assert.deepEqual(parse('{"a"'), {});
  assert.deepEqual(parse('[1]'), {});
});

test('the facts tell source, times, tokens and money', () => {
  const facts = Object.fromEntries(factsOf(entryOf(1)));
  assert.equal(facts['Source'], 'model (generated for this request)');
  assert.equal(facts['In the gateway'], '212 ms, first token after 143 ms');
  assert.equal(facts['Tokens'], 'about 80 in, 64 of them cached, 3 out');
  assert.equal(facts['Cost'], '0.000032');
  assert.equal(facts['In the browser'], '230 ms there and back');
  assert.ok(!('On the page' in facts));
});

test('money is as exact as it is worth', () => {
  assert.deepEqual([0, 0.00001234, 0.5].map(moneyOf), ['0', '0.000012', '0.5000']);
});

test('where nothing came, the reason is told', () => {
  const json = { ...REPLY, completion: '', others: [], reason: 'empty', detail: 'so it is' };
  const reply = replyOf(json);
  assert.equal(replySaid(reply, 12, false), 'Nothing here: empty: so it is.');
  assert.equal(labelOf(entryOf(1, json)), 'empty');
});

test('a failure says what to do', () => {
  const json = { error: { code: 'rate_limited', message: 'Too many.' } };
  const said = (retry: string | null) => failureSaid(failureOf(429, json, retry));
  assert.equal(said('7'), 'Too many. The page asks again in 7 s.');
  assert.equal(said('600'), 'Too many. The page asks again in 10 min.');
  assert.equal(said('43200'), 'Too many. The page asks again in 12 h.');
  assert.equal(said(null), 'Too many.');
  assert.equal(said('soon'), 'Too many.');
  assert.match(failureSaid(failureOf(502, {}, null)), /502/);
  assert.match(failureSaid(failureOf(401, {}, null)), /enter yours/);
  assert.match(failureSaid(failureOf(401, {}, null), true), /not know this token/);
  assert.match(failureSaid({ status: 0, code: '', message: '' }), /still running/);
});

test('the last answers are kept, the newest first', () => {
  let entries: Entry[] = [];
  for (let id = 1; id <= MOST_ENTRIES + 2; id++) {
    entries = withEntry(entries, entryOf(id));
  }
  assert.equal(entries.length, MOST_ENTRIES);
  assert.equal(entries[0]?.id, MOST_ENTRIES + 2);
});

test('what was taken in part stays that, unless the rest was taken too', () => {
  const partly = withFate([entryOf(1), entryOf(2)], 2, 'accepted in part');
  assert.equal(withFate(partly, 2, 'passed by')[1]?.fate, 'accepted in part');
  assert.equal(withFate(partly, 2, 'typed')[1]?.fate, 'accepted');
  assert.equal(withFate(partly, 2, 'accepted')[0]?.fate, '');
});

test('each sample has one place for the caret, and is known again', () => {
  for (const [language, { text }] of Object.entries(SAMPLES)) {
    assert.equal(text.split('‸').length, 2, language);
    assert.ok(isUntouched(opened(language).text), language);
  }
  assert.ok(!isUntouched('x'));
  assert.equal(opened('nobody knows').text, '');
});
