import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as vscode from 'vscode';
import { RedactedChannel } from '../src/edge/channel';
import { clearKey, setKey } from '../src/edge/key';
import { answers, configured, FakeChannel, shown, updated } from './fake-vscode';
import { freshSettings } from './stage';

test('a key is stored without the blanks that came with it', async () => {
  const { settings, secrets } = freshSettings();
  answers.push('  key-1234\n');
  assert.ok(await setKey(settings));
  assert.equal(await secrets.get('codestral.api_key'), 'key-1234');
  assert.ok(await settings.readKey());
  assert.equal(settings.values['api_key'], 'key-1234');
  assert.ok(settings.hasKey);
});

test('it is said to whom the key goes, before it is entered', async () => {
  const { settings } = freshSettings();
  configured['codestral.provider'] = { globalValue: 'codestral' };
  assert.ok(!(await setKey(settings)));
  assert.match(
    shown[0]?.words ?? '',
    /sent to codestral\.mistral\.ai, unless your environment or config\.toml/,
  );
});

test('a second key in the settings is pointed out', async () => {
  const { settings } = freshSettings();
  configured['codestral.api_key'] = { globalValue: 'old-key-1' };
  await setKey(settings);
  assert.match(shown[0]?.words ?? '', /wins over the one in your settings/);
  await clearKey(settings);
  assert.match(shown[1]?.words ?? '', /Another one stands in your settings/);
});

test('what is no key is not stored', async () => {
  const { settings, secrets } = freshSettings();
  for (const wrong of [undefined, '', '   ', 'two words']) {
    answers.push(wrong);
    assert.ok(!(await setKey(settings)));
  }
  assert.deepEqual(await secrets.keys(), []);
});

test('a deleted key is gone', async () => {
  const { settings, secrets } = freshSettings();
  answers.push('key-1234');
  await setKey(settings);
  await settings.readKey();
  await clearKey(settings);
  assert.ok(await settings.readKey());
  assert.deepEqual(await secrets.keys(), []);
  assert.ok(!('api_key' in settings.values));
});

test('the key by command wins over the one in the settings', async () => {
  const { settings } = freshSettings();
  configured['codestral.api_key'] = { globalValue: 'old-key-1' };
  assert.equal(settings.values['api_key'], 'old-key-1');
  answers.push('key-1234');
  await setKey(settings);
  await settings.readKey();
  assert.equal(settings.values['api_key'], 'key-1234');
});

test('no key ever gets into the log, not the present, the former or the written one', async () => {
  const { settings } = freshSettings();
  configured['codestral.api_key'] = { globalValue: 'written-key' };
  for (const key of ['former-key', 'present-key']) {
    answers.push(key);
    await setKey(settings);
    await settings.readKey();
  }
  const log = new FakeChannel();
  const channel = new RedactedChannel(
    log as unknown as vscode.LogOutputChannel,
    () => settings.secrets,
  );
  const text = 'present-key former-key written-key';
  channel.trace(text, { api_key: 'present-key' }, ['former-key']);
  channel.debug(text);
  channel.info(text);
  channel.warn(text);
  channel.error(new Error(text));
  channel.append(text);
  channel.appendLine(text);
  channel.replace(text);
  assert.equal(log.lines.length, 8);
  assert.ok(!/present-key|former-key|written-key/.test(log.lines.join('\n')));
  assert.equal(log.lines[2], '*** *** ***');
});

test('languages are written where they are set already', async () => {
  const { settings } = freshSettings();
  assert.deepEqual(settings.languages, ['code']);
  await settings.setLanguages(['code', '!go']);
  configured['codestral.languages'] = { globalValue: ['go'], workspaceValue: ['python', 3] };
  assert.deepEqual(settings.languages, ['python']);
  await settings.setLanguages([]);
  assert.deepEqual(updated, [
    { name: 'codestral.languages', value: ['code', '!go'], target: 1 },
    { name: 'codestral.languages', value: [], target: 2 },
  ]);
});

test('the command comes from the user alone', () => {
  const { settings } = freshSettings();
  configured['codestral.command'] = { globalValue: '/mine', workspaceValue: '/theirs' };
  assert.equal(settings.command, '/mine');
});
