import assert from 'node:assert/strict';
import { test } from 'node:test';
import { menuOf, SEPARATOR } from '../src/core/menu';
import { barOf, isRunning, type Status, statusIn } from '../src/core/status';

const READY: Status = { state: 'ready', message: 'codestral-2508 at codestral.mistral.ai' };

function labels(status: Status, more: { language?: string; languageIsOn?: boolean } = {}) {
  const { language = 'python', languageIsOn = true } = more;
  return menuOf({ status, language, languageIsOn, hasKey: false })
    .filter((each) => each.command !== SEPARATOR)
    .map((each) => each.label.replace(/^\$\([^)]*\) /, ''));
}

test('the bar says the state and the message of the server', () => {
  const bar = barOf(READY);
  assert.equal(bar.text, '$(sparkle) Codestral');
  assert.match(bar.tooltip, /^Codestral: ready\ncodestral-2508 at codestral\.mistral\.ai\n/);
  assert.equal(bar.background, undefined);
});

test('what the server says of being offline does not say the state again', () => {
  const message = 'no key is set: your own files complete';
  const { tooltip } = barOf({ state: 'offline', message });
  assert.equal(tooltip, `Codestral: offline\n${message}\nClick for a menu.`);
});

test('only what the user must see has a colour', () => {
  const background = (state: Status['state']) => barOf({ state, message: '' }).background;
  assert.equal(background('error'), 'error');
  assert.equal(background('stopped'), 'error');
  assert.equal(background('missing'), 'warning');
  assert.equal(background('rate-limited'), 'warning');
  for (const state of ['ready', 'busy', 'paused', 'offline', 'starting'] as const) {
    assert.equal(background(state), undefined);
  }
});

test('every state has an icon of its own kind', () => {
  const busy = barOf({ state: 'busy', message: '' }).text;
  const error = barOf({ state: 'error', message: '' }).text;
  assert.notEqual(busy, error);
  assert.match(busy, /~spin\)/);
});

test('a file of a language that is off is told in its place', () => {
  const off = { language: 'plaintext', known: true };
  const bar = barOf(READY, off);
  assert.match(bar.text, /circle-slash/);
  assert.match(bar.tooltip, /No ghost text in files of the language "plaintext"\.\n/);
  assert.match(barOf(READY, { ...off, known: false }).tooltip, /unless your config\.toml says/);
  assert.match(barOf({ state: 'error', message: 'x' }, off).text, /\(error\)/);
});

test('a status is taken from the wire only if it is one', () => {
  const command = { title: 'Try again now', command: 'codestral.retry', arguments: [] };
  assert.deepEqual(statusIn({ state: 'error', message: 'm', command }), {
    state: 'error',
    message: 'm',
    command,
  });
  assert.equal(statusIn({ state: 'ready', message: 'm', command: null })?.command, null);
  assert.equal(statusIn({ state: 'ready', message: 'm', command: { title: 3 } })?.command, null);
  for (const wrong of [null, undefined, 'ready', {}, { state: 'toString', message: 'm' }]) {
    assert.equal(statusIn(wrong), undefined);
  }
  assert.equal(statusIn({ state: 'ready', message: 3 }), undefined);
});

test('the command that helps stands first in the menu', () => {
  const command = { title: 'Try again now', command: 'codestral.retry', arguments: [1] };
  const [first] = menuOf({
    status: { state: 'error', message: 'refused', command },
    language: '',
    languageIsOn: false,
    hasKey: true,
  });
  assert.deepEqual(first, {
    label: '$(lightbulb) Try again now',
    description: 'refused',
    command: 'codestral.retry',
    arguments: [1],
  });
});

test('who completes offline for want of a key is offered to set one', () => {
  const status: Status = { state: 'offline', message: 'no key is set', command: null };
  assert.match(labels(status)[0] ?? '', /^Set an API key/);
  const [first] = menuOf({ status, language: '', languageIsOn: false, hasKey: true });
  assert.notEqual(first?.command, 'codestral-ls.setApiKey');
});

test('the statistics of the server are shown on their page', () => {
  const command = { title: 'Show statistics', command: 'codestral.statistics' };
  const status: Status = { state: 'offline', message: 'spent', command };
  const [first] = menuOf({ status, language: '', languageIsOn: false, hasKey: true });
  assert.equal(first?.command, 'codestral-ls.statistics');
});

test('what makes no sense now is not offered', () => {
  assert.ok(labels(READY).includes('Pause for 5 minutes'));
  const resume = { title: 'Resume ghost text', command: 'codestral.pause', arguments: [0] };
  const paused = labels({ state: 'paused', message: 'paused for 5 minutes', command: resume });
  assert.equal(paused[0], 'Resume ghost text');
  assert.ok(!paused.some((each) => each.startsWith('Pause')));
  const missing = labels({ state: 'missing', message: 'not installed' });
  assert.equal(missing[0], 'Install the server…');
  assert.ok(!missing.includes('Show statistics'));
  assert.equal(labels({ state: 'stopped', message: '' })[0], 'Start the server again');
});

test('the language in front can be switched', () => {
  assert.ok(labels(READY).includes('Switch off for the language "python"'));
  assert.ok(labels(READY, { languageIsOn: false }).includes('Switch on for the language "python"'));
  assert.ok(!labels(READY, { language: '' }).some((each) => each.includes('language')));
});

test('lines stand between groups, and nowhere else', () => {
  const entries = menuOf({ status: READY, language: '', languageIsOn: false, hasKey: false });
  const commands = entries.map((each) => each.command);
  assert.notEqual(commands[0], SEPARATOR);
  assert.notEqual(commands.at(-1), SEPARATOR);
  assert.ok(!commands.some((each, at) => each === SEPARATOR && commands[at + 1] === SEPARATOR));
});

test('a server that runs can be asked', () => {
  assert.ok(isRunning(READY));
  assert.ok(isRunning({ state: 'error', message: '' }));
  assert.ok(!isRunning({ state: 'starting', message: '' }));
  assert.ok(!isRunning({ state: 'missing', message: '' }));
});
