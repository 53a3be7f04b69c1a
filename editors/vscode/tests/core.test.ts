import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberIn, type Offer, remember, takenOf } from '../src/core/acceptance';
import { isWritten, SELECTOR } from '../src/core/documents';
import { hostOfKey, unfitForKey, whereKeyGoes } from '../src/core/hosts';
import { redact } from '../src/core/redaction';
import { isAtDefault, isTooLate, mayAsk, withoutLimit } from '../src/core/waiting';

const OFFER: Offer = { uri: 'file:///a', line: 0, character: 0, text: 'a + b\nc', number: 7 };

function taken(before: string | undefined, after: string | undefined, offers = [OFFER]) {
  const found = takenOf(
    offers,
    () => before,
    () => after,
  );
  return found && [found.offer.number, found.units];
}

test('a word that was accepted is counted from the beginning of the text', () => {
  assert.deepEqual(taken('', 'a'), [7, 1]);
  assert.deepEqual(taken('a', 'a +'), [7, 3]);
});

test('what was typed through before belongs to what the user has of the text', () => {
  assert.deepEqual(taken('a +', 'a + b'), [7, 5]);
});

test('other text, no text and less text are not accepted', () => {
  assert.equal(taken('', 'x'), undefined);
  assert.equal(taken('a', 'a'), undefined);
  assert.equal(taken('a +', 'a'), undefined);
  assert.equal(taken('z', 'za'), undefined);
  assert.equal(taken(undefined, 'a'), undefined);
});

test('of a text that is there completely, VS Code tells by itself', () => {
  assert.equal(taken('a', 'a + b\nc'), undefined);
});

test('line ends of the document do not matter', () => {
  assert.deepEqual(taken('a', 'a + b\r\n'), [7, 6]);
});

test('units are those of UTF-16, as the protocol counts', () => {
  assert.deepEqual(taken('', '😀', [{ ...OFFER, text: '😀 é' }]), [7, 2]);
});

test('the newest offer that fits is meant', () => {
  const newer = { ...OFFER, text: 'a * b', number: 8 };
  assert.deepEqual(taken('', 'a', [newer, OFFER]), [8, 1]);
  assert.deepEqual(taken('', 'a +', [newer, OFFER]), [7, 3]);
});

test('offers are remembered once each, the newest first, and not for ever', () => {
  const many = Array.from({ length: 30 }, (_, at) => ({ ...OFFER, number: at }));
  const kept = many.reduce<Offer[]>((offers, each) => remember(offers, [each]), []);
  assert.equal(kept.length, 20);
  assert.equal(kept[0]?.number, 29);
  assert.equal(remember([OFFER], [OFFER]).length, 1);
});

test('an item is ours by its command', () => {
  assert.equal(numberIn({ command: 'codestral.accepted', arguments: ['file:///a', 3] }), 3);
  for (const other of [undefined, {}, { command: 'x', arguments: ['', 3] }]) {
    assert.equal(numberIn(other), undefined);
  }
  assert.equal(numberIn({ command: 'codestral.accepted', arguments: 3 }), undefined);
});

test('ghost text is for what is written, and not for views of something', () => {
  for (const scheme of ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote']) {
    assert.ok(isWritten(scheme));
    assert.ok(SELECTOR.some((each) => each.scheme === scheme));
  }
  const views = ['git', 'output', 'vscode-scm', 'search-editor', 'comment', 'codestral-ls'];
  for (const scheme of [...views, 'vscode-userdata', 'vscode-chat-input', 'debug']) {
    assert.ok(!isWritten(scheme));
  }
});

test('a key stands in no text, also not as JSON writes it', () => {
  assert.equal(redact('key "abcd1234", abcd1234', ['abcd1234']), 'key "***", ***');
  assert.equal(redact(JSON.stringify({ k: 'ab"cd' }), ['ab"cd']), '{"k":"***"}');
  assert.equal(redact('ab"cd', ['ab"cd']), '***');
  assert.equal(redact('a text', ['', 'a']), 'a text');
});

test('it is said where a key goes', () => {
  assert.equal(hostOfKey({}), 'api.mistral.ai');
  assert.equal(hostOfKey({ provider: 'codestral' }), 'codestral.mistral.ai');
  assert.equal(hostOfKey({ endpoint: 'https://box.example:8080/v1' }), 'box.example:8080');
  assert.equal(hostOfKey({ provider: 'offline' }), '');
  assert.equal(hostOfKey({ providers: ['openrouter:some/model', 'ollama'] }), 'openrouter.ai');
  const named = { providers: ['llama.cpp@http://box:8012'], endpoint: 'https://other.example' };
  assert.equal(hostOfKey(named), 'box:8012');
  assert.equal(hostOfKey({ endpoint: 'nonsense' }), '');
  const placed = { providers: ['vllm'], endpoint: 'https://other.example' };
  assert.equal(hostOfKey(placed), 'other.example');
  for (const values of [{}, { provider: 'mistral' }, { providers: ['mistral'] }]) {
    const words = /api\.mistral\.ai, unless your environment or config\.toml names/;
    assert.match(whereKeyGoes(values), words);
  }
  assert.equal(whereKeyGoes(named), 'It is sent to box:8012 and nowhere else.');
  assert.match(whereKeyGoes({ provider: 'offline' }), /your provider and nowhere else/);
});

test('what cannot be a key is refused before it is stored', () => {
  assert.equal(unfitForKey(' sk-abc '), '');
  for (const wrong of ['', '   ', 'two words', 'schlüssel', '"abc"']) {
    assert.notEqual(unfitForKey(wrong), '');
  }
});

test('the rule of 750 ms is the cause only if the user has not moved', () => {
  const late = { afterMs: 755, automatic: true, untouched: true };
  assert.ok(isTooLate(late));
  assert.ok(!isTooLate({ ...late, untouched: false }));
  assert.ok(!isTooLate({ ...late, automatic: false }));
  assert.ok(!isTooLate({ ...late, afterMs: 100 }));
  assert.ok(isTooLate({ ...late, afterMs: 3000 }), 'a busy machine');
  assert.ok(isTooLate({ ...late, afterMs: 450 }), 'the request had been late');
});

test('who has decided about quickSuggestions is not asked', () => {
  const byDefault = { other: 'offWhenInlineCompletions', comments: 'off', strings: 'off' };
  assert.ok(isAtDefault(byDefault, [undefined, undefined]));
  assert.ok(isAtDefault(byDefault, [{ strings: 'on' }]));
  assert.ok(!isAtDefault(byDefault, [{ other: 'offWhenInlineCompletions' }]));
  assert.ok(!isAtDefault({ ...byDefault, other: 'on' }, []));
  assert.ok(!isAtDefault(false, [false]));
  assert.ok(!isAtDefault({ other: true }, []), 'VS Code of 2024 has no such rule');
});

test('what the user has said of comments and strings stays', () => {
  assert.deepEqual(withoutLimit(undefined), { other: 'on' });
  assert.deepEqual(withoutLimit({ strings: 'on', other: 'off' }), { strings: 'on', other: 'on' });
  assert.deepEqual(withoutLimit(true), { other: 'on' });
});

test('nobody is asked twice in a week, or ever again who does not want to be', () => {
  const day = 24 * 3600 * 1000;
  assert.ok(mayAsk(undefined, 0));
  assert.ok(!mayAsk({ never: false, asked: 0 }, 6 * day));
  assert.ok(mayAsk({ never: false, asked: 0 }, 7 * day));
  assert.ok(!mayAsk({ never: true, asked: 0 }, 700 * day));
});
