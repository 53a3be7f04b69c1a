import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type * as vscode from 'vscode';
import { Waiting } from '../src/edge/waiting';
import {
  answers,
  configured,
  EventEmitter,
  FakeDocument,
  InlineCompletionTriggerKind,
  Position,
  reset,
  shown,
  updated,
  window,
} from './fake-vscode';

function scene() {
  reset();
  configured['editor.quickSuggestions'] = {
    defaultValue: { other: 'offWhenInlineCompletions', comments: 'off', strings: 'off' },
  };
  const kept = new Map<string, unknown>();
  const memory = {
    get: (name: string) => kept.get(name),
    update: async (name: string, value: unknown) => void kept.set(name, value),
  };
  const document = new FakeDocument('a');
  const editor = { document, selection: { active: new Position(0, 1) } };
  window.activeTextEditor = editor;
  const waiting = new Waiting(memory as unknown as vscode.Memento);
  return { waiting, document, editor, kept };
}

/** A request that is cancelled after so many milliseconds; `meanwhile` is what the user does. */
async function cancelled(it: ReturnType<typeof scene>, ms: number, meanwhile = () => {}) {
  const clock = mock.method(performance, 'now', () => 0);
  const cancel = new EventEmitter<unknown>();
  const ended = it.waiting.watch(
    it.document as unknown as vscode.TextDocument,
    { triggerKind: InlineCompletionTriggerKind.Automatic, selectedCompletionInfo: undefined },
    { onCancellationRequested: cancel.event } as unknown as vscode.CancellationToken,
  );
  meanwhile();
  clock.mock.mockImplementation(() => ms);
  cancel.fire(undefined);
  clock.mock.restore();
  ended();
  assert.equal(cancel.listeners, 0);
  await new Promise((resolve) => setImmediate(resolve));
}

test('it is explained when an answer was really thrown away, and once', async () => {
  const it = scene();
  await cancelled(it, 755);
  assert.match(shown[0]?.words ?? '', /VS Code waits 750 ms/);
  assert.deepEqual(shown[0]?.choices, ['Let it wait longer', 'Not now', 'Never']);
  await cancelled(it, 755);
  assert.equal(shown.length, 1);
});

test('typing on is no reason to explain anything', async () => {
  const it = scene();
  await cancelled(it, 100);
  await cancelled(it, 755, () => it.document.insert(1, 'b'));
  await cancelled(it, 755, () => {
    it.editor.selection.active = new Position(0, 0);
  });
  assert.equal(shown.length, 0);
});

test('who has set it himself is left alone', async () => {
  const it = scene();
  configured['editor.quickSuggestions'] = {
    defaultValue: { other: 'offWhenInlineCompletions' },
    globalValue: { other: 'offWhenInlineCompletions' },
  };
  await cancelled(it, 755);
  assert.equal(shown.length, 0);
});

test('the button changes that one member of the setting', async () => {
  const it = scene();
  configured['editor.quickSuggestions'] = {
    defaultValue: { other: 'offWhenInlineCompletions' },
    workspaceValue: undefined,
    globalValue: undefined,
  };
  answers.push('Let it wait longer');
  await cancelled(it, 755);
  assert.deepEqual(updated, [
    { name: 'editor.quickSuggestions', value: { other: 'on' }, target: 1 },
  ]);
});

test('never is never', async () => {
  const it = scene();
  answers.push('Never');
  await cancelled(it, 755);
  assert.deepEqual(updated, []);
  assert.equal((it.kept.get('quickSuggestions') as { never: boolean }).never, true);
});
