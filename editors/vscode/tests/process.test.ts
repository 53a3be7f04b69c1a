import assert from 'node:assert/strict';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { Processes } from '../src/edge/process';

function processes(program: string, ...args: string[]) {
  const log: string[] = [];
  return { log, it: new Processes({ program, args }, (words) => log.push(words)) };
}

test('a program that cannot be started is a rejection', async () => {
  await assert.rejects(processes('/nowhere/x').it.start(), /ENOENT/);
});

test('it is started in the home, and not in the folder that is open', async () => {
  const child = await processes('/bin/sh', '-c', 'pwd -P').it.start();
  const [text] = await once(child.stdout ?? assert.fail(), 'data');
  assert.equal(String(text).trim(), homedir());
});

test('one that still runs is ended by its input, and one that does not heed that by force', async () => {
  const polite = processes('/bin/cat');
  const child = await polite.it.start();
  polite.it.end();
  await once(child, 'exit');
  assert.deepEqual(polite.log, ["the server's process has ended (status 0)"]);
  const stubborn = processes('/bin/sh', '-c', 'trap "" TERM; exec sleep 60');
  const other = await stubborn.it.start();
  stubborn.it.end(10);
  await once(other, 'exit');
  assert.deepEqual(stubborn.log, ["the server's process has ended (SIGKILL)"]);
});

test('one that has ended is left in peace', async () => {
  const ended = processes('/bin/true');
  await once(await ended.it.start(), 'exit');
  ended.it.end();
  assert.equal(ended.log.length, 1);
});

test('why one has ended is the last line that it wrote', async () => {
  const failing = processes('/bin/sh', '-c', 'echo Traceback >&2; echo "No module x" >&2; exit 1');
  await failing.it.start();
  assert.equal(await failing.it.lastWords(), 'No module x');
  const silent = processes('/bin/true');
  await silent.it.start();
  assert.equal(await silent.it.lastWords(), '');
  const deaf = processes('/bin/cat');
  await deaf.it.start();
  assert.equal(await deaf.it.lastWords(1), '');
  deaf.it.end();
});
