/** Where the server may be. Pure. */

import { posix, win32 } from 'node:path';

export const PROGRAM = 'codestral-ls';

/** What is typed into a terminal to install the server, in a copy of its repository. */
export const INSTALL = 'pipx install ".[syntax]"';

/** A program and what it is started with. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** The part of the machine that a search needs. */
export interface Surroundings {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Folders of which no program may be started. */
  readonly distrusted: readonly string[];
}

/** What the setting says: a command, nothing, or something that is none. */
export function commandIn(setting: unknown): Command | undefined | 'wrong' {
  const words = typeof setting === 'string' ? [setting.trim()] : setting;
  if (setting === undefined || setting === null) {
    return undefined;
  }
  if (!Array.isArray(words) || words.some((each) => typeof each !== 'string')) {
    return 'wrong';
  }
  const [program, ...args] = words as string[];
  return program ? { program, args } : undefined;
}

/** The places where a program of this name may be, the first one first, by their whole paths. */
export function placesOf(name: string, around: Surroundings): string[] {
  const { isAbsolute, join, sep } = around.platform === 'win32' ? win32 : posix;
  const program = expanded(name, around.home);
  if (program.includes('/') || program.includes(sep)) {
    return isAbsolute(program) ? withEndings(program, around) : [];
  }
  // Where pipx and uv put programs: editors that no shell has started do not have it on their PATH.
  const folders = [...pathOf(around), join(around.home, '.local', 'bin')];
  const usable = folders.filter((each) => isAbsolute(each) && !isWithin(each, around));
  return [...new Set(usable)].flatMap((each) => withEndings(join(each, program), around));
}

function pathOf({ platform, env }: Surroundings): string[] {
  const name = Object.keys(env).find((each) => each.toUpperCase() === 'PATH') ?? 'PATH';
  const folders = (env[platform === 'win32' ? name : 'PATH'] ?? '').split(
    platform === 'win32' ? ';' : ':',
  );
  return folders.map((each) => each.replace(/^"(.*)"$/, '$1'));
}

function expanded(path: string, home: string): string {
  return /^~(?=$|[\\/])/.test(path) ? home + path.slice(1) : path;
}

/** Node starts no `.cmd` without a shell, and a shell would read the arguments anew. */
function withEndings(path: string, { platform }: Surroundings): string[] {
  return platform !== 'win32' || /\.(exe|com)$/i.test(path) ? [path] : [`${path}.exe`];
}

function isWithin(path: string, { distrusted, platform }: Surroundings): boolean {
  const { relative, isAbsolute } = platform === 'win32' ? win32 : posix;
  return distrusted.some((folder) => {
    const way = relative(folder, path);
    return !way.startsWith('..') && !isAbsolute(way);
  });
}

/** Whether a path says where it begins; others would depend on the folder that is open. */
export function isRelative(program: string, around: Surroundings): boolean {
  const { isAbsolute, sep } = around.platform === 'win32' ? win32 : posix;
  const path = expanded(program, around.home);
  return (path.includes('/') || path.includes(sep)) && !isAbsolute(path);
}

/**
 * The server as a module of an interpreter. `-P` keeps the folder in which it is started out of
 * Python's path: a package of the same name there would run instead.
 */
export function asModule(interpreter: string): Command {
  return { program: interpreter, args: ['-P', '-m', 'codestral_ls'] };
}
