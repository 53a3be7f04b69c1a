import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import type * as vscode from 'vscode';
import manifest from '../package.json';
import { activate, deactivate } from '../src/extension';
import { clients, State } from './fake-client';
import {
  configure,
  configured,
  EventEmitter,
  events,
  extensions,
  FakeDocument,
  FakeSecrets,
  ran,
  registered,
  reset,
  shown,
  Uri,
  window,
  workspace,
} from './fake-vscode';
import { until } from './stage';

const FOLDER = mkdtempSync(join(tmpdir(), 'codestral-'));
const HOME = process.env['HOME'];
const PATH = process.env['PATH'];
process.env['HOME'] = FOLDER;
let subscriptions: { dispose(): unknown }[] = [];

/** A program, or an interpreter, that does as a line of shell says. */
function program(name: string, line: string): string {
  const path = join(FOLDER, name);
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function activated(prepare = () => {}): Promise<FakeSecrets> {
  reset();
  clients.length = 0;
  process.env['PATH'] = '/bin:/usr/bin';
  prepare();
  subscriptions = [];
  const secrets = new FakeSecrets();
  await activate({
    extension: { packageJSON: manifest, id: 'codestral-ls.codestral-ls' },
    secrets,
    subscriptions,
    globalState: { get: () => undefined, update: async () => {} },
  } as unknown as vscode.ExtensionContext);
  return secrets;
}

const bar = () => window.bars[0]?.tooltip ?? '';

afterEach(async () => {
  await deactivate();
  for (const each of subscriptions) {
    each.dispose();
  }
  process.env['PATH'] = PATH;
});

process.on('exit', () => {
  process.env['HOME'] = HOME;
});

const SERVER = program('server', '');
const withServer = () => {
  configured['codestral.command'] = { globalValue: SERVER };
};

test('the server is started, and the status bar leads to the menu', async () => {
  await activated(withServer);
  await until(() => bar().includes('ready'));
  assert.equal(window.bars[0]?.command, 'codestral-ls.menu');
});

test('a step of the walkthrough is ticked when it is done, and again on a page that opens', async () => {
  const ticks = () => ran.filter((each) => each.id === 'setContext').map((each) => each.args);
  await activated(withServer);
  const once = [
    ['codestral-ls.running', true],
    ['codestral-ls.running', false],
  ];
  await until(() => ticks().length === 2);
  assert.deepEqual(ticks(), once);
  events.tabsChanged.fire({ opened: [{ input: { uri: 'a file' } }] });
  events.tabsChanged.fire({ opened: [{ input: undefined }] });
  await until(() => ticks().length === 4);
  assert.deepEqual(ticks(), [...once, ...once]);
});

test('who has typed while there was no server is asked for again', async () => {
  const asked = () => ran.filter((each) => each.id === 'editor.action.inlineSuggest.trigger');
  await activated(withServer);
  await until(() => bar().includes('ready'));
  const document = new FakeDocument('a');
  window.activeTextEditor = { document };
  const end = () => clients[0]?.options.errorHandler.closed();
  const revive = async () => {
    clients[0]?.states.fire({ newState: State.Running });
    await until(() => bar().includes('ready'));
  };
  end();
  await revive();
  assert.equal(asked().length, 0);
  end();
  new FakeDocument('', Uri.file('/b.py')).insert(0, 'of another document');
  await revive();
  assert.equal(asked().length, 0);
  end();
  document.insert(1, 'b');
  await revive();
  assert.equal(asked().length, 1);
});

test('another command starts another server, and a setting does not', async () => {
  await activated(withServer);
  await until(() => bar().includes('ready'));
  configure('codestral.max_lines', 9);
  await until(() => clients[0]?.sent.at(-1)?.method === 'workspace/didChangeConfiguration');
  assert.equal(clients.length, 1);
  configure('codestral.command', program('other', ''));
  await until(() => clients.length === 2 && bar().includes('ready'));
  assert.ok(clients[0]?.disposed);
  configure('editor.tabSize', 3);
  assert.equal(clients.length, 2);
});

test('a key is in force at once', async () => {
  const secrets = await activated(withServer);
  await until(() => bar().includes('ready'));
  await secrets.store('codestral.api_key', 'key-1234');
  await until(() => clients[0]?.sent.at(-1)?.method === 'workspace/didChangeConfiguration');
  const { configuration } = clients[0]?.options.middleware.workspace ?? assert.fail();
  const items = { items: [{ section: 'codestral' }] };
  assert.deepEqual(await configuration(items, undefined, () => []), [{ api_key: 'key-1234' }]);
});

test('a file of a language that is off changes the status bar', async () => {
  await activated(withServer);
  await until(() => bar().includes('ready'));
  window.activeTextEditor = { document: new FakeDocument('', Uri.file('/a.txt'), 'plaintext') };
  events.editorChanged.fire(undefined);
  assert.match(bar(), /No ghost text in files of the language "plaintext", unless/);
  configure('codestral.languages', ['*']);
  await until(() => !bar().includes('No ghost text'));
});

test('what is missing is told once, however often it is looked for', async () => {
  await activated();
  await until(() => shown.length > 0);
  assert.match(shown[0]?.words ?? '', /is not installed.*pipx install/);
  const run = registered.get('codestral-ls.restart') ?? assert.fail();
  await run();
  assert.match(bar(), /no server/);
  assert.equal(shown.length, 1);
});

function pythonIs(path: string): EventEmitter<unknown> {
  const changed = new EventEmitter<unknown>();
  const environments = {
    getActiveEnvironmentPath: () => ({ path }),
    resolveEnvironment: async () => ({ executable: { uri: Uri.file(path) } }),
    onDidChangeActiveEnvironmentPath: changed.event,
  };
  extensions.installed['ms-python.python'] = { activate: async () => ({ environments }) };
  return changed;
}

const WITH_IT = program('python-with', '[ "$*" = "-P -c import codestral_ls" ]');
const WITHOUT_IT = program('python-without', 'exit 1');

test('the selected interpreter is taken if it has the server, also when it is selected later', async () => {
  let changed = new EventEmitter<unknown>();
  await activated(() => {
    changed = pythonIs(WITHOUT_IT);
  });
  await until(() => bar().includes(`${WITHOUT_IT} does not have it`));
  await until(() => changed.listeners > 0);
  pythonIs(WITH_IT);
  changed.fire(undefined);
  await until(() => bar().includes(`ready\n${WITH_IT} -P -m codestral_ls`));
});

test('no interpreter is asked in a folder that is not trusted, until it is', async () => {
  await activated(() => {
    workspace.isTrusted = false;
    pythonIs(WITH_IT);
  });
  await until(() => bar().includes('no server'));
  assert.equal(clients.length, 0);
  workspace.isTrusted = true;
  events.trusted.fire();
  await until(() => bar().includes('ready'));
});
