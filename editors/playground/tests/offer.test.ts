import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  begin,
  type Candidate,
  choices,
  finish,
  follow,
  grow,
  type Offer,
  remainder,
  replaced,
  turn,
} from '../src/core/offer';

function offered(...candidates: (Candidate | string)[]): Offer {
  const all = candidates.map((each) =>
    typeof each === 'string' ? { text: each, replaces: 0 } : each,
  );
  const offer = finish(begin(1, 10), all);
  assert.ok(offer);
  return offer;
}

function typed(offer: Offer, text: string, behind = ''): Offer | undefined {
  return follow(offer, { caret: offer.from + text.length, typed: text, behind });
}

test('what is typed of a text is no longer offered', () => {
  const offer = typed(offered('return a'), 'ret');
  assert.ok(offer);
  assert.equal(remainder(offer), 'urn a');
  assert.equal(offer.caret, 13);
});

test('what is taken back again is offered again', () => {
  const offer = typed(offered('return a'), 'ret');
  assert.ok(offer);
  assert.equal(remainder(typed(offer, 'r') ?? begin(0, 0)), 'eturn a');
});

test('an offer ends where something else is typed, and where all of it is', () => {
  assert.equal(typed(offered('return a'), 'rex'), undefined);
  assert.equal(typed(offered('return a'), 'return a'), undefined);
});

test('deleting what stands before the offer ends it', () => {
  assert.equal(follow(offered('a'), { caret: 9, typed: '', behind: '' }), undefined);
});

test('a closer that the editor puts goes when the offer is accepted', () => {
  const offer = typed(offered('(a, b):'), '(', ')');
  assert.ok(offer);
  assert.equal(remainder(offer), 'a, b):');
  assert.equal(replaced(offer), 1);
});

test('a closer that is typed over is no longer replaced', () => {
  const offer = offered({ text: 'a)\nb', replaces: 1 });
  assert.equal(replaced(offer), 1);
  const over = typed(offer, 'a)');
  assert.ok(over);
  assert.equal(replaced(over), 0);
  assert.equal(remainder(over), '\nb');
});

test('anything but a closer behind the caret ends the offer', () => {
  assert.equal(typed(offered('abc'), 'a', 'x'), undefined);
  assert.equal(typed(offered('abc'), 'a', '\n'), undefined);
});

test('typing may run ahead of a text that is still growing', () => {
  const ahead = typed(begin(1, 10), 'ret');
  assert.ok(ahead);
  assert.equal(remainder(ahead), '');
  const behind = grow(ahead, 're');
  assert.ok(behind);
  assert.equal(remainder(grow(behind, 'return') ?? begin(0, 0)), 'urn');
  assert.equal(grow(ahead, 'rx'), undefined);
});

test('an answer that does not fit what was typed meanwhile is none', () => {
  const ahead = typed(begin(1, 10), 'ret');
  assert.ok(ahead);
  assert.equal(finish(ahead, [{ text: 'raise', replaces: 0 }]), undefined);
  assert.equal(finish(ahead, [{ text: 're', replaces: 0 }]), undefined);
});

test('typing chooses among the candidates', () => {
  const offer = typed(offered('alpha', 'beta', 'bean'), 'be');
  assert.ok(offer);
  assert.equal(remainder(offer), 'ta');
  assert.deepEqual(choices(offer), { shown: 1, all: 2 });
});

test('turning goes round the candidates that fit, in both directions', () => {
  const offer = offered('alpha', 'beta', 'bean');
  assert.equal(remainder(turn(offer, 1)), 'beta');
  assert.equal(remainder(turn(offer, -1)), 'bean');
  assert.equal(remainder(turn(turn(turn(offer, 1), 1), 1)), 'alpha');
  const be = typed(offer, 'be');
  assert.ok(be);
  assert.equal(remainder(turn(turn(be, 1), 1)), 'ta');
});

test('a single candidate stays when turned', () => {
  const offer = offered('alpha');
  assert.equal(turn(offer, 1), offer);
});
