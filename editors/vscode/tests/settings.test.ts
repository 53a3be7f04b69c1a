import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  asEnvironment,
  chosenValues,
  type Declared,
  declaredIn,
  type Inspected,
} from '../src/core/settings';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const declared = declaredIn(manifest);

function chosen(inspected: Record<string, Inspected & { defaultValue?: unknown }>, trusted = true) {
  return chosenValues(declared, (name) => inspected[name], trusted);
}

test('nothing is sent that the user has not set, whatever its default is', () => {
  const defaults = Object.fromEntries(declared.map(({ name }) => [name, { defaultValue: 1 }]));
  assert.deepEqual(chosen(defaults), {});
});

test('what is set is sent, also if it is false, zero or empty', () => {
  const set = {
    enabled: { globalValue: false },
    context_chars: { globalValue: 0 },
    languages: { globalValue: [] },
    model: { globalValue: '' },
    trigger: { globalValue: null },
  };
  assert.deepEqual(chosen(set), { enabled: false, context_chars: 0, languages: [], model: '' });
});

test('the settings of the extension itself are not the matter of the server', () => {
  const names = declared.map((each) => each.name);
  assert.ok(names.includes('max_lines'));
  assert.ok(!names.includes('command') && !names.includes('trace.server'));
});

test('a folder wins over the user', () => {
  const max_lines = { globalValue: 5, workspaceValue: 6 };
  assert.deepEqual(chosen({ max_lines }), { max_lines: 6 });
  const deeper = { globalValue: 5, workspaceValue: 6, workspaceFolderValue: 7 };
  assert.deepEqual(chosen({ max_lines: deeper }), { max_lines: 7 });
});

test('no folder says where code and key go, be it trusted or not', () => {
  const strange = { workspaceValue: 'https://attacker.example' };
  const set = { endpoint: strange, proxy: strange, api_key: strange, providers: strange };
  assert.deepEqual(chosen(set), {});
  const both = { endpoint: { globalValue: 'https://mine.example', ...strange } };
  assert.deepEqual(chosen(both), { endpoint: 'https://mine.example' });
});

test('a folder that is not trusted does not say what is sent', () => {
  const context = { globalValue: 'file', workspaceValue: 'workspace' };
  const max_lines = { globalValue: 1, workspaceValue: 9 };
  assert.deepEqual(chosen({ context, max_lines }, false), { context: 'file', max_lines: 9 });
  assert.deepEqual(chosen({ context }, true), { context: 'workspace' });
});

test('a folder adds to the paths that are never sent, and takes none away', () => {
  const disabled_paths = { globalValue: ['~/secret', 'b'], workspaceValue: ['b', 'c'] };
  assert.deepEqual(chosen({ disabled_paths }), { disabled_paths: ['~/secret', 'b', 'c'] });
  const emptied = { globalValue: ['~/secret'], workspaceValue: [] };
  assert.deepEqual(chosen({ disabled_paths: emptied }), { disabled_paths: ['~/secret'] });
});

test('a setting without a scope of its own may be set by a folder', () => {
  const one: Declared[] = declaredIn({
    contributes: { configuration: [{ properties: { 'codestral.x': {} } }] },
    capabilities: { untrustedWorkspaces: { restrictedConfigurations: [] } },
  });
  assert.deepEqual(one, [{ name: 'x', scope: 'window', restricted: false }]);
});

test('programs in a terminal get the same values by their environment', () => {
  assert.deepEqual(
    asEnvironment({ max_lines: 3, languages: ['code', '!python'], stats: false, model: 'm' }),
    {
      CODESTRAL_LS_MAX_LINES: '3',
      CODESTRAL_LS_LANGUAGES: '["code","!python"]',
      CODESTRAL_LS_STATS: 'false',
      CODESTRAL_LS_MODEL: 'm',
    },
  );
});
