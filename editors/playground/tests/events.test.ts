import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents, type ServerEvent } from '../src/core/events';

const STREAM = 'event: growing\ndata: {"a":1}\n\n: still there\n\nevent:done\ndata: b\ndata: c\n\n';
const EVENTS = [
  { name: 'growing', data: '{"a":1}' },
  { name: 'done', data: 'b\nc' },
];

function readInPieces(text: string, size: number): ServerEvent[] {
  const events: ServerEvent[] = [];
  let rest = '';
  for (let at = 0; at < text.length; at += size) {
    const read = readEvents(rest + text.slice(at, at + size));
    events.push(...read.events);
    rest = read.rest;
  }
  assert.equal(rest, '');
  return events;
}

test('events are the same in whatever pieces and with whatever line ends they come', () => {
  for (const end of ['\n', '\r\n']) {
    const text = STREAM.replaceAll('\n', end);
    for (let size = 1; size <= text.length; size++) {
      assert.deepEqual(readInPieces(text, size), EVENTS);
    }
  }
});

test('an event that is not whole waits for the rest', () => {
  const { events, rest } = readEvents('data: a\n\ndata: b\n');
  assert.deepEqual(events, [{ name: 'message', data: 'a' }]);
  assert.equal(rest, 'data: b\n');
});

test('an event without data is none', () => {
  assert.deepEqual(readEvents('event: x\n\n').events, []);
});

test('a field without a colon or a blank is read', () => {
  assert.deepEqual(readEvents('data\ndata:x\n\n').events, [{ name: 'message', data: '\nx' }]);
});
