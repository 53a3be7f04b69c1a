import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as vscode from 'vscode';
import { shortfallOf } from '../src/core/acceptance';
import { Offers } from '../src/edge/offers';
import {
  events,
  FakeDocument,
  Position,
  Range,
  registered,
  reset,
  Uri,
  window,
} from './fake-vscode';
import { until } from './stage';

interface Told {
  readonly executed: unknown[];
  readonly notified: unknown[];
  offered: number;
}

function scene(text: string, cursor: number) {
  reset();
  const told: Told = { executed: [], notified: [], offered: 0 };
  const server = {
    execute: async (command: string, args: readonly unknown[]) =>
      void told.executed.push([command, args]),
    notify: async (method: string, params: object) => void told.notified.push([method, params]),
  };
  const document = new FakeDocument(text);
  const place = document.positionAt(cursor);
  const editor = {
    document,
    selection: { active: place, isEmpty: true },
    get selections() {
      return [this.selection];
    },
  };
  window.activeTextEditor = editor;
  const offers = new Offers(
    () => server,
    () => {
      told.offered += 1;
    },
  );
  return { told, document, editor, offers, place };
}

function item(text: string, place: Position, number: number, end = place) {
  const command = { command: 'codestral.accepted', arguments: ['file:///a.py', number], title: '' };
  return { insertText: text, range: new Range(place, end), command };
}

function take(it: ReturnType<typeof scene>, ...items: unknown[]) {
  it.offers.take(
    it.document as unknown as vscode.TextDocument,
    it.place as unknown as vscode.Position,
    items as vscode.InlineCompletionItem[],
  );
}

/** What VS Code's own command does: it inserts a part of the ghost text at the cursor. */
function acceptingInserts(it: ReturnType<typeof scene>, part: string): void {
  registered.set('accept', () => {
    const { document, editor } = it;
    const at = document.offsetAt(editor.selection.active);
    document.insert(at, part);
    editor.selection.active = document.positionAt(at + part.length);
  });
}

test('what is drawn is told, once the user has not gone on', async () => {
  const it = scene('a\n', 1);
  take(it, item(' = 1', it.place, 5), item(' = 2', it.place, 6));
  await until(() => it.told.notified.length > 0);
  const command = { command: 'codestral.accepted', arguments: ['file:///a.py', 5] };
  assert.deepEqual(it.told.notified, [['textDocument/didShowCompletion', { item: { command } }]]);
  assert.equal(it.told.offered, 1);
});

test('what came too late to be drawn is not told', async () => {
  const it = scene('a\n', 1);
  take(it, item(' = 1', it.place, 5));
  it.document.insert(2, 'b');
  take(it, item(' = 2', it.place, 6));
  await until(() => it.told.notified.length > 0);
  it.editor.selection.active = new Position(0, 0);
  take(it, item(' = 3', it.place, 7));
  it.editor.selection = { active: it.place, isEmpty: false };
  take(it, item(' = 4', it.place, 8));
  await new Promise((resolve) => setTimeout(resolve, 150)); // nothing comes that could be awaited
  assert.deepEqual(
    it.told.notified.map((each) => JSON.stringify(each).match(/,(\d)\]/)?.[1]),
    ['6'],
  );
});

test('items of somebody else are not ours to tell of', async () => {
  const it = scene('a\n', 1);
  take(it, { insertText: 'b', range: undefined, command: undefined });
  acceptingInserts(it, 'b');
  await it.offers.acceptPart('accept');
  assert.deepEqual(it.told.executed, []);
  assert.deepEqual(it.told.notified, []);
});

test('an accepted word is told with all that is there of the text by now', async () => {
  const it = scene('ret\n', 3);
  take(it, item('urn value + 1', it.place, 9));
  acceptingInserts(it, 'urn');
  await it.offers.acceptPart('accept');
  acceptingInserts(it, ' value');
  await it.offers.acceptPart('accept');
  assert.deepEqual(it.told.executed, [
    ['codestral.accepted', ['file:///a.py', 9, 3]],
    ['codestral.accepted', ['file:///a.py', 9, 9]],
  ]);
});

test('the last part is told by VS Code itself', async () => {
  const it = scene('', 0);
  take(it, item('x', it.place, 1));
  acceptingInserts(it, 'x');
  await it.offers.acceptPart('accept');
  assert.deepEqual(it.told.executed, []);
});

test('a key that accepts nothing tells nothing', async () => {
  const it = scene('a', 1);
  take(it, item('b c', it.place, 1));
  registered.set('accept', () => undefined);
  await it.offers.acceptPart('accept');
  assert.deepEqual(it.told.executed, []);
});

test('offers of another document are left out', async () => {
  const it = scene('', 0);
  take(it, item('x y', it.place, 1));
  const document = new FakeDocument('', Uri.file('/b.py'));
  it.editor.document = document;
  acceptingInserts({ ...it, document }, 'x');
  await it.offers.acceptPart('accept');
  assert.deepEqual(it.told.executed, []);
});

test('the caret goes behind characters of two units, where VS Code leaves it short', async () => {
  const it = scene('a = ', 4);
  const text = '"😀"\n# 😀😀 é';
  take(it, item(text, it.place, 3));
  it.document.insert(4, text);
  it.editor.selection.active = new Position(1, 6);
  it.offers.taken(['file:///a.py', 3]);
  assert.deepEqual(it.editor.selection.active, new Position(1, 8));
});

test('the caret is left before a character in whose middle it would be', () => {
  assert.deepEqual(
    ['é', '😀', 'a😀', '😀b', '😀😀', '😀😀😀'].map(shortfallOf),
    [0, 2, 2, 1, 2, 4],
  );
  assert.deepEqual(['😀\n', '\n😀 b', ''].map(shortfallOf), [0, 1, 0]);
});

test('what the palette has hidden is asked for again, if the user had seen it', async () => {
  const it = scene('for', 3);
  take(it, item(' each in all:\n    pass', it.place, 4));
  await until(() => it.told.notified.length > 0);
  let isShown = false;
  registered.set('editor.action.inlineSuggest.trigger', () => {
    isShown = true;
  });
  registered.set('accept', () => isShown && it.document.insert(3, ' each'));
  await it.offers.acceptPart('accept');
  assert.deepEqual(it.told.executed, [['codestral.accepted', ['file:///a.py', 4, 5]]]);
  isShown = false;
  await it.offers.acceptPart('accept');
  assert.ok(!isShown, 'nothing was seen here');
});

test('a caret that is where it should be, or that the user has moved, stays', async () => {
  for (const character of [0, 6, 8]) {
    const it = scene('a = ', 4);
    take(it, item('"😀"', it.place, 3));
    it.document.insert(4, '"😀"');
    it.editor.selection.active = new Position(0, character);
    const { selection } = it.editor;
    it.offers.taken(['file:///a.py', 3]);
    it.offers.taken(['file:///a.py', 4]);
    assert.equal(it.editor.selection, selection);
  }
  const it = scene('a = ', 4);
  take(it, item('"😀"', it.place, 3));
  it.document.insert(4, '"😀" + b');
  it.document.insert(4, 'x');
  it.editor.selection.active = new Position(0, 7);
  it.offers.taken(['file:///a.py', 3]);
  assert.deepEqual(it.editor.selection.active, new Position(0, 7), 'another text stands there');
});

test('behind an accepted part the caret is mended too, and the rest asked for from there', async () => {
  const it = scene('a = ', 4);
  take(it, item('"😀" + b', it.place, 3));
  let asked: Position | undefined;
  registered.set('editor.action.inlineSuggest.trigger', () => {
    asked = it.editor.selection.active;
  });
  registered.set('accept', () => {
    it.document.insert(4, '"😀"');
    setTimeout(() => {
      it.editor.selection.active = new Position(0, 7);
      events.selectionChanged.fire({ textEditor: it.editor });
    }, 5);
  });
  await it.offers.acceptPart('accept');
  assert.deepEqual(it.editor.selection.active, new Position(0, 8));
  assert.deepEqual(asked, new Position(0, 8));
  assert.deepEqual(it.told.executed, [['codestral.accepted', ['file:///a.py', 3, 4]]]);
});

test('without an editor nothing happens', async () => {
  const it = scene('', 0);
  window.activeTextEditor = undefined;
  await it.offers.acceptPart('accept');
  assert.deepEqual(it.told.executed, []);
});
