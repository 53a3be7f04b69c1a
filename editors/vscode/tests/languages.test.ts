import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isChosen, withLanguage, withoutLanguage } from '../src/core/languages';
import cases from './languages.json';

// `tests/test_vscode_settings.py` holds the same cases against the server.
test('languages mean what they mean to the server', () => {
  for (const { language, chosen, on, with: more } of cases) {
    assert.equal(isChosen(language, chosen), on, JSON.stringify([language, chosen]));
    assert.deepEqual(withLanguage(language, chosen), more, JSON.stringify([language, chosen]));
  }
});

test('a language that is switched off or on is off or on', () => {
  for (const { language, chosen } of cases) {
    assert.ok(!isChosen(language, withoutLanguage(language, chosen)), JSON.stringify(chosen));
    assert.ok(isChosen(language, withLanguage(language, chosen)), JSON.stringify(chosen));
  }
});

test('no other language is touched', () => {
  const others = ['python', 'plaintext', 'markdown', 'go', 'rust'];
  for (const { language, chosen } of cases) {
    for (const other of others.filter((each) => each !== language)) {
      const on = isChosen(other, chosen);
      assert.equal(isChosen(other, withLanguage(language, chosen)), on);
      assert.equal(isChosen(other, withoutLanguage(language, chosen)), on);
    }
  }
});

test('lists are changed as a person would write them', () => {
  assert.deepEqual(withoutLanguage('python', ['code']), ['code', '!python']);
  assert.deepEqual(withLanguage('python', ['code', '!python']), ['code']);
  assert.deepEqual(withoutLanguage('python', ['python', 'go']), ['go']);
  assert.deepEqual(withLanguage('plaintext', ['code']), ['code', 'plaintext']);
  assert.deepEqual(withoutLanguage('plaintext', ['code', 'plaintext']), ['code']);
  assert.deepEqual(withoutLanguage('go', ['*']), ['*', '!go']);
  assert.deepEqual(withoutLanguage('python', ['python', '!go']), []);
});
