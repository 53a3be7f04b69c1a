import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type * as vscode from 'vscode';
import manifest from '../package.json';
import type { Status } from '../src/core/status';
import { registerCommands, type Stage } from '../src/edge/commands';
import { Explanations } from '../src/edge/explaining';
import { tellMissing } from '../src/edge/installing';
import { Statistics } from '../src/edge/statistics';
import {
  answers,
  configured,
  type EventEmitter,
  env,
  FakeDocument,
  ran,
  registered,
  shown,
  updated,
  window,
} from './fake-vscode';
import { freshSettings, until } from './stage';

function scene(status: Status = { state: 'ready', message: 'm' }, answer: unknown = {}) {
  const { settings } = freshSettings();
  const asked: unknown[] = [];
  const session = {
    status,
    command: undefined as Stage['session']['command'],
    execute: async (command: string, args: readonly unknown[] = []) => {
      asked.push([command, ...args]);
      return answer;
    },
    settled: async () => {},
    restart: async () => void asked.push('restart'),
  };
  const parts = { settings, explanations: new Explanations(), statistics: new Statistics() };
  const offers = { acceptPart: async (id: string) => void asked.push(id) };
  const stage = { ...parts, session, offers, channel: {}, extension: 'a.b' };
  registerCommands(stage as unknown as Stage);
  return { asked, session, settings };
}

const run = (name: string, ...args: unknown[]) => registered.get(`codestral-ls.${name}`)?.(...args);

test('there is a command for every entry of the palette, and no other', () => {
  scene();
  const declared = manifest.contributes.commands.map((each) => each.command);
  assert.deepEqual([...registered.keys()].sort(), declared.sort());
});

test('none of them has the name of a command of the server', () => {
  scene();
  assert.ok([...registered.keys()].every((each) => each.startsWith('codestral-ls.')));
});

test('switching, pausing and resuming are the work of the server', async () => {
  const { asked } = scene();
  await run('toggle');
  await run('pause', 5);
  answers.push('60 minutes');
  await run('pause');
  await run('pause'); // and the choice was declined
  await run('resume');
  assert.deepEqual(asked, [
    ['codestral.toggle'],
    ['codestral.pause', 5],
    ['codestral.pause', 60],
    ['codestral.pause', 0],
  ]);
});

test('without a server it is said why nothing happens', async () => {
  const { asked } = scene({ state: 'missing', message: 'It is not installed.' });
  for (const name of ['toggle', 'explain', 'statistics', 'doctor', 'resume']) {
    await run(name);
  }
  assert.deepEqual(asked, []);
  assert.equal(shown.length, 5);
  assert.ok(shown.every((each) => each.words === 'Codestral: It is not installed.'));
});

test('a command that brings nothing points to the log', async () => {
  scene(undefined, null);
  const { session } = scene();
  session.execute = async () => undefined;
  await run('statistics');
  assert.match(shown[0]?.words ?? '', /has not answered to codestral\.statistics\. The log says/);
  assert.equal(window.panels.length, 0);
});

test('the language in front is switched off, and on again', async () => {
  scene();
  await run('toggleLanguage');
  assert.match(shown[0]?.words ?? '', /no file is in front/);
  window.activeTextEditor = { document: new FakeDocument('') };
  await run('toggleLanguage');
  configured['codestral.languages'] = { globalValue: ['code', '!python'] };
  await run('toggleLanguage');
  assert.deepEqual(
    updated.map((each) => each.value),
    [['code', '!python'], ['code']],
  );
});

test('what the server explains is shown as a text', async () => {
  scene(undefined, { entries: [], text: '12:00 answered' });
  await run('explain');
  assert.deepEqual(shown.at(-1), { kind: 'document', words: '12:00 answered', choices: [] });
  scene(undefined, { entries: [], text: '' });
  await run('explain');
  assert.match(shown.at(-1)?.words ?? '', /No request yet/);
});

test('statistics have one page, whose period can be chosen', async () => {
  const { asked } = scene(undefined, { total: {}, from: '2026-01-01', to: '2026-01-07' });
  await run('statistics');
  await run('statistics', 7);
  assert.deepEqual(asked, [
    ['codestral.statistics', 30],
    ['codestral.statistics', 7],
  ]);
  assert.equal(window.panels.length, 1);
  assert.match(window.panels[0]?.webview.html ?? '', /<span class="chosen">7 days/);
  window.panels[0]?.dispose();
  await run('statistics');
  assert.equal(window.panels.length, 2);
});

test('the menu runs what is chosen in it', async () => {
  const { asked } = scene();
  answers.push('Pause for 5 minutes');
  await run('menu');
  assert.deepEqual(asked, [['codestral.pause', 5]]);
  assert.equal(ran[0]?.id, 'workbench.action.focusActiveEditorGroup');
  assert.ok(shown[0]?.choices.some((each) => each.includes('Set the API key')));
  await run('menu'); // and declined
  assert.equal(asked.length, 1);
});

test('what the server would do is asked for as soon as it runs again', async () => {
  const help = { title: 'Try again now', command: 'codestral.retry', arguments: [] };
  const { asked, session } = scene({ state: 'error', message: 'm', command: help });
  const results = [undefined, {}];
  session.execute = async (command: string) => {
    asked.push([command]);
    session.status = { state: results.length > 1 ? 'starting' : 'ready', message: 'm' };
    return results.shift();
  };
  session.settled = async () => {
    session.status = { state: 'ready', message: 'm' };
  };
  answers.push('Try again now');
  await run('menu');
  assert.deepEqual(asked, [['codestral.retry'], ['codestral.retry']]);
  assert.ok(!ran.some((each) => each.id === 'codestral.retry'), 'VS Code may not know it just now');
  assert.ok(shown.every((each) => each.kind === 'pick'));
});

test('words and lines are accepted by VS Code itself', async () => {
  const { asked } = scene();
  await run('acceptNextWord');
  await run('acceptNextLine');
  assert.deepEqual(asked, [
    'editor.action.inlineSuggest.acceptNextWord',
    'editor.action.inlineSuggest.acceptNextLine',
  ]);
});

test('what is offered to install it is what is said', async () => {
  scene();
  answers.push('Copy command');
  await tellMissing('It is not installed.', false);
  assert.equal(env.clipboard.written, 'pipx install ".[syntax]"');
  assert.ok(shown[0]?.words.includes('pipx install ".[syntax]"'));
  answers.push('Open terminal with it');
  await tellMissing('It is not installed.', false);
  assert.deepEqual(window.terminals[0]?.typed, ['pipx install ".[syntax]"|false']);
  answers.push('Set path');
  await tellMissing('The path is wrong.', true);
  assert.deepEqual(ran.at(-1), {
    id: 'workbench.action.openSettings',
    args: ['codestral.command'],
  });
});

test('the doctor has the settings and the key of the editor, and not on a command line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'codestral-'));
  const program = join(folder, 'server');
  writeFileSync(program, '#!/bin/sh\necho "$@"\necho "$CODESTRAL_LS_MAX_LINES"\npwd >&2\n');
  chmodSync(program, 0o755);
  const { session } = scene();
  configured['codestral.max_lines'] = { globalValue: 7 };
  session.command = { program, args: ['-m', 'codestral_ls', 'serve', '--stdio'] };
  run('doctor');
  const pty = window.terminals[0]?.pty as vscode.Pseudoterminal;
  let written = '';
  (pty.onDidWrite as EventEmitter<string>['event'])((text) => {
    written += text;
  });
  let closed = false;
  pty.onDidClose?.(() => {
    closed = true;
  });
  pty.open({ columns: 100, rows: 30 });
  await until(() => written.includes('Press a key'));
  assert.ok(written.includes('-m codestral_ls doctor\r\n7\r\n'));
  pty.handleInput?.('x');
  assert.ok(closed);
});
