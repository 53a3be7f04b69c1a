import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstWord, headOf, tailOf, unitsOf } from '../src/core/words';

test('a text is taken word by word, with the blanks before each', () => {
  const words: string[] = [];
  let text = 'turn größe(a_1, $b)\n    x += "é"';
  while (text) {
    const word = firstWord(text);
    assert.notEqual(word, '');
    words.push(word);
    text = text.slice(word.length);
  }
  assert.deepEqual(words, [
    ...['turn', ' größe', '(', 'a_1', ',', ' $b', ')', '\n    x', ' +=', ' "', 'é', '"'],
  ]);
});

test('blanks alone are a word, and of nothing there is none', () => {
  assert.equal(firstWord('  \n'), '  \n');
  assert.equal(firstWord(''), '');
});

test('characters beyond the first plane are two units each', () => {
  assert.equal(unitsOf('😀)', 1), 2);
  assert.equal(unitsOf('))x', 2), 2);
});

test('what is replaced ends with the line', () => {
  assert.equal(unitsOf(')\n)', 3), 1);
  assert.equal(unitsOf('', 3), 0);
});

test('long texts are cut at whole characters', () => {
  assert.equal(tailOf('a😀b', 2), 'b');
  assert.equal(tailOf('a😀b', 3), '😀b');
  assert.equal(headOf('a😀b', 2), 'a');
  assert.equal(headOf('a😀b', 3), 'a😀');
  assert.equal(headOf('ab', 5), 'ab');
  assert.equal(tailOf('ab', 5), 'ab');
});
