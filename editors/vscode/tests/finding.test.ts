import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crashes } from '../src/core/crashes';
import { asModule, commandIn, isRelative, placesOf, type Surroundings } from '../src/core/finding';

const LINUX: Surroundings = {
  platform: 'linux',
  env: { PATH: '/usr/bin:/opt/bin' },
  home: '/home/me',
  distrusted: [],
};
const WINDOWS: Surroundings = {
  platform: 'win32',
  env: { Path: 'C:\\Tools;"D:\\More Tools";.' },
  home: 'C:\\Users\\me',
  distrusted: [],
};

test('the setting is a path, a list with arguments, or nothing', () => {
  assert.deepEqual(commandIn('/opt/a b/x'), { program: '/opt/a b/x', args: [] });
  assert.deepEqual(commandIn([' python ', '-m', 'x'].slice(1)), { program: '-m', args: ['x'] });
  assert.deepEqual(commandIn(['python', '-m', 'x']), { program: 'python', args: ['-m', 'x'] });
  for (const nothing of [undefined, null, '', '  ', []]) {
    assert.equal(commandIn(nothing), undefined);
  }
  for (const wrong of [3, {}, [3], true]) {
    assert.equal(commandIn(wrong), 'wrong');
  }
});

test('a program is looked for on the PATH, and then where pipx puts programs', () => {
  assert.deepEqual(placesOf('x', LINUX), ['/usr/bin/x', '/opt/bin/x', '/home/me/.local/bin/x']);
});

test('nothing is started from the folder that happens to be the current one', () => {
  const around = { ...LINUX, env: { PATH: '.::bin:/usr/bin' } };
  assert.deepEqual(placesOf('x', around), ['/usr/bin/x', '/home/me/.local/bin/x']);
  assert.deepEqual(placesOf('./x', LINUX), []);
  assert.ok(isRelative('bin/x', LINUX));
  assert.ok(!isRelative('x', LINUX));
});

test('nothing is started from a folder that is not trusted', () => {
  const env = { PATH: '/home/me/project/.venv/bin:/home/me/projector/bin' };
  const around = { ...LINUX, env, distrusted: ['/home/me/project'] };
  assert.deepEqual(placesOf('x', around), ['/home/me/projector/bin/x', '/home/me/.local/bin/x']);
});

test('a whole path is taken as it is, and ~ is the home', () => {
  assert.deepEqual(placesOf('/opt/x', LINUX), ['/opt/x']);
  assert.deepEqual(placesOf('~/bin/x', LINUX), ['/home/me/bin/x']);
  assert.ok(!isRelative('~/bin/x', LINUX));
});

test('on Windows only what starts without a shell is a program', () => {
  assert.deepEqual(placesOf('codestral-ls', WINDOWS), [
    'C:\\Tools\\codestral-ls.exe',
    'D:\\More Tools\\codestral-ls.exe',
    'C:\\Users\\me\\.local\\bin\\codestral-ls.exe',
  ]);
  assert.deepEqual(placesOf('C:\\x\\y.EXE', WINDOWS), ['C:\\x\\y.EXE']);
  assert.ok(isRelative('x\\y', WINDOWS));
});

test('a module is not looked for in the folder in which Python is started', () => {
  assert.deepEqual(asModule('/venv/bin/python').args, ['-P', '-m', 'codestral_ls']);
});

test('a server that ends again and again is left alone', () => {
  const crashes = new Crashes();
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((each) => crashes.mayRestart(each * 1000)),
    [true, true, true, true, false],
  );
  assert.ok(crashes.mayRestart(10 * 60_000));
});
