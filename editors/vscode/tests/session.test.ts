import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, mock, test } from 'node:test';
import type * as vscode from 'vscode';
import { Session } from '../src/edge/session';
import { CloseAction, clients, State, server } from './fake-client';
import { configured, FakeChannel, type FakeSecrets, Uri, workspace } from './fake-vscode';
import { freshSettings, until } from './stage';

const FOLDER = mkdtempSync(join(tmpdir(), 'codestral-'));
const PROGRAM = join(FOLDER, 'codestral-ls');
writeFileSync(PROGRAM, '#!/bin/sh\n');
chmodSync(PROGRAM, 0o755);

const PATH = process.env['PATH'];
const HOME = process.env['HOME'];
const open: Session[] = [];

afterEach(() => {
  for (const each of open.splice(0)) {
    each.dispose();
  }
  process.env['PATH'] = PATH;
  process.env['HOME'] = HOME;
  server.start = async () => {};
  server.answer = async () => null;
});

function session(command?: unknown) {
  clients.length = 0;
  const { settings, secrets } = freshSettings();
  process.env['HOME'] = FOLDER;
  process.env['PATH'] = '';
  if (command !== undefined) {
    configured['codestral.command'] = { globalValue: command };
  }
  const missing: [string, boolean][] = [];
  const channel = new FakeChannel();
  const made = new Session(
    settings,
    channel as unknown as vscode.LogOutputChannel,
    {},
    (problem, setting) => missing.push([problem, setting]),
  );
  open.push(made);
  return { session: made, settings, secrets, missing, channel };
}

async function started(it: Session): Promise<void> {
  await it.start();
  await until(() => it.status.state === 'ready');
}

function only() {
  const client = clients.at(-1);
  assert.ok(client);
  return client;
}

test('a server on the PATH is started, and its status is shown', async () => {
  const { session: it } = session();
  process.env['PATH'] = FOLDER;
  await started(it);
  assert.deepEqual(it.command, { program: PROGRAM, args: [] });
  assert.deepEqual([it.status.state, it.status.message], ['ready', PROGRAM]);
  only().heard.get('codestral/status')?.({ state: 'offline', message: 'no key', command: null });
  assert.deepEqual([it.status.state, it.status.message], ['offline', 'no key']);
  only().heard.get('codestral/status')?.({ state: 'nonsense' });
  assert.equal(it.status.state, 'offline');
});

test('the first status is the one that the server tells when it is asked', async () => {
  const { session: it } = session(PROGRAM);
  const told: string[] = [];
  it.onStatus((status) => told.push(status.state));
  server.answer = async () => ({ state: 'offline', message: 'no key', command: null });
  await it.start();
  await until(() => it.status.state === 'offline');
  assert.ok(!told.includes('ready'));
});

test('what a server tells that was replaced is not heeded', async () => {
  const { session: it } = session(PROGRAM);
  await started(it);
  const former = only();
  await it.restart();
  await until(() => it.status.state === 'ready');
  former.heard.get('codestral/status')?.({ state: 'error', message: 'old', command: null });
  assert.equal(former.options.errorHandler.closed().action, CloseAction.DoNotRestart);
  assert.equal(it.status.state, 'ready');
});

test('a server is found as soon as it has been installed', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const { session: it } = session();
  await it.start();
  assert.equal(it.status.state, 'missing');
  process.env['PATH'] = FOLDER;
  mock.timers.tick(5_000);
  mock.timers.reset();
  await until(() => it.status.state === 'ready');
});

test('a server that is nowhere is told once, with nothing started', async () => {
  const { session: it, missing } = session();
  await it.start();
  assert.equal(it.status.state, 'missing');
  assert.equal(clients.length, 0);
  assert.match(missing[0]?.[0] ?? '', /^The server codestral-ls is not installed/);
  assert.equal(missing[0]?.[1], false);
});

test('a path that leads nowhere is named in words', async () => {
  const { session: it, missing } = session('/nowhere/x');
  await it.start();
  assert.deepEqual(missing, [
    ['"/nowhere/x" of the setting codestral.command is no program on this machine.', true],
  ]);
  const shell = session('/nowhere/python -m codestral_ls');
  await shell.session.start();
  assert.match(
    shell.missing[0]?.[0] ?? '',
    /no program on this machine; with arguments it is a list/,
  );
  const relative = session('bin/x');
  await relative.session.start();
  assert.match(relative.missing[0]?.[0] ?? '', /is no whole path/);
  const wrong = session(3);
  await wrong.session.start();
  assert.match(wrong.missing[0]?.[0] ?? '', /takes a path, or a list/);
});

test('a command that a folder names is never started', async () => {
  const { session: it } = session();
  configured['codestral.command'] = { workspaceValue: PROGRAM };
  await it.start();
  assert.equal(it.status.state, 'missing');
});

test('a program within a folder that is not trusted is not found', async () => {
  const { session: it } = session();

  process.env['PATH'] = FOLDER;
  workspace.isTrusted = false;
  workspace.workspaceFolders = [{ uri: Uri.file(FOLDER) }];
  await it.start();
  assert.equal(it.status.state, 'missing');
});

test('a server that cannot be started says why, or where to look', async () => {
  const silent = session(PROGRAM);
  server.start = async () => {
    await only().run();
    throw new Error('spawn failed');
  };
  await silent.session.start();
  assert.equal(silent.session.status.state, 'stopped');
  assert.match(silent.session.status.message, /could not be started\. The log says why\./);
  assert.ok(silent.channel.lines.some((each) => each.includes('spawn failed')));
  assert.ok(only().disposed);
  const { session: it } = session(['/bin/sh', '-c', 'echo "No module x" >&2']);
  await it.start();
  assert.match(it.status.message, /could not be started\. No module x$/);
});

test('a server that ends by itself is started again a few times, and then left alone', async () => {
  const { session: it } = session(PROGRAM);
  await started(it);
  const client = only();
  for (let count = 1; count <= 4; count += 1) {
    const closed = client.options.errorHandler.closed();
    assert.deepEqual(closed, { action: CloseAction.Restart, handled: true });
    assert.equal(it.status.state, 'starting');
    client.states.fire({ newState: State.Running });
    await until(() => it.status.state === 'ready');
  }
  assert.equal(client.options.errorHandler.closed().action, CloseAction.DoNotRestart);
  assert.equal(it.status.state, 'stopped');
  await it.restart();
  await until(() => it.status.state === 'ready');
  assert.equal(only().options.errorHandler.closed().action, CloseAction.Restart);
});

test('a server that cannot be started again is not shown as starting for ever', async () => {
  const { session: it } = session(PROGRAM);
  await started(it);
  only().options.errorHandler.closed();
  only().states.fire({ newState: State.StartFailed });
  assert.equal(it.status.state, 'stopped');
});

test('the server gets what is set, at its start and when it asks', async () => {
  const { session: it, settings, secrets } = session(PROGRAM);
  configured['codestral.max_lines'] = { globalValue: 7, defaultValue: 3 };
  configured['codestral.trigger'] = { defaultValue: 'automatic' };
  await key(settings, secrets, 'key-1234');
  await started(it);
  assert.deepEqual(only().initialized, { max_lines: 7, api_key: 'key-1234' });
  const { configuration } = only().options.middleware.workspace;
  const asked = await configuration({ items: [{ section: 'codestral' }] }, undefined, () => 'next');
  assert.deepEqual(asked, [{ max_lines: 7, api_key: 'key-1234' }]);
  assert.equal(await configuration({ items: [{ section: 'x' }] }, undefined, () => 'next'), 'next');
});

async function key(settings: { readKey(): Promise<boolean> }, secrets: FakeSecrets, value: string) {
  await secrets.store('codestral.api_key', value);
  assert.ok(await settings.readKey());
}

test('a change of settings is told, and each answer holds the key and nothing taken back', async () => {
  const { session: it, settings, secrets } = session(PROGRAM);
  configured['codestral.max_lines'] = { globalValue: 7 };
  await key(settings, secrets, 'key-1234');
  await started(it);
  const { configuration } = only().options.middleware.workspace;
  const answer = () => configuration({ items: [{ section: 'codestral' }] }, undefined, () => []);
  const told = { method: 'workspace/didChangeConfiguration', params: { settings: null } };
  delete configured['codestral.max_lines'];
  await it.settingsChanged();
  assert.deepEqual(only().sent.at(-1), told);
  assert.deepEqual(await answer(), [{ api_key: 'key-1234' }]);
  await secrets.delete('codestral.api_key');
  await settings.readKey();
  await it.settingsChanged();
  assert.equal(only().sent.filter((each) => each.method === told.method).length, 2);
  assert.deepEqual(await answer(), [{}]);
  assert.equal(clients.length, 1);
});

test('the server is told that the status is shown here, and that answers hold all settings', async () => {
  const { session: it } = session(PROGRAM);
  await started(it);
  const capabilities = { experimental: { other: 1 } };
  for (const feature of only().features) {
    feature.fillClientCapabilities(capabilities);
  }
  const codestral = { status: true, configuration: true };
  assert.deepEqual(capabilities.experimental, { other: 1, codestral });
});

test('no failure pops up, whatever the client would do', async () => {
  const { session: it } = session(PROGRAM);
  await started(it);
  const client = only();
  client.error('Connection got closed', undefined, 'force');
  client.warn('x', undefined, true);
  assert.equal(
    client.handleFailedRequest({}, undefined, new Error('x'), 'default', true),
    'default',
  );
  assert.deepEqual(client.shown, [
    ['Connection got closed', false],
    ['x', false],
    ['failed', false],
  ]);
});

test('a command that fails is a line in the log', async () => {
  const { session: it, channel } = session(PROGRAM);
  assert.equal(await it.execute('codestral.retry'), undefined);
  await started(it);
  server.answer = async () => ({ state: 'ready' });
  assert.deepEqual(await it.execute('codestral.toggle'), { state: 'ready' });
  server.answer = async () => {
    throw new Error('no such command');
  };
  assert.equal(await it.execute('codestral.retry', [1]), undefined);
  assert.ok(channel.lines.includes('codestral.retry: no such command'));
  assert.deepEqual(only().sent.at(-1)?.params, { command: 'codestral.retry', arguments: [1] });
});

test('nothing is told to a server that has ended', async () => {
  const { session: it } = session(PROGRAM);
  await started(it);
  await it.stop();
  assert.ok(only().disposed);
  const before = only().sent.length;
  await it.notify('textDocument/didShowCompletion', {});
  await it.settingsChanged();
  assert.equal(only().sent.length, before);
});

test('who asks while it is being started again waits for it', async () => {
  const { session: it } = session(PROGRAM);
  await started(it);
  await it.settled();
  only().options.errorHandler.closed();
  let isSettled = false;
  void it.settled().then(() => {
    isSettled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(!isSettled);
  only().states.fire({ newState: State.Running });
  await until(() => isSettled);
  assert.equal(it.status.state, 'ready');
});
