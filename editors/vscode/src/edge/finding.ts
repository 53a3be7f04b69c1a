/** Finds the server on this machine. */

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import {
  asModule,
  type Command,
  commandIn,
  isRelative,
  PROGRAM,
  placesOf,
  type Surroundings,
} from '../core/finding';
import { selectedInterpreter } from './python';

/** The Python of the Python extension, as the origin of a server. */
export const SELECTED = 'selected Python';

const IMPORT_MS = 20_000;

/** Where it is; or in words why it is nowhere, and whether the setting is to blame. */
export type Found =
  | { readonly command: Command; readonly origin: string }
  | { readonly problem: string; readonly setting: boolean };

/** Looks at the setting, then on the PATH, then into the Python that is selected. */
export async function findServer(setting: unknown): Promise<Found> {
  const wanted = commandIn(setting);
  if (wanted === 'wrong') {
    const problem =
      'The setting codestral.command takes a path, or a list of a path and arguments.';
    return { problem, setting: true };
  }
  if (wanted) {
    return findWanted(wanted);
  }
  const program = await findProgram();
  if (program) {
    return { command: { program, args: [] }, origin: 'PATH' };
  }
  const interpreter = vscode.workspace.isTrusted ? await selectedInterpreter() : undefined;
  if (interpreter && (await imports(interpreter))) {
    return { command: asModule(interpreter), origin: SELECTED };
  }
  const python = interpreter ? `, and ${interpreter} does not have it` : '';
  const problem = `The server ${PROGRAM} is not installed: it is not on the PATH${python}.`;
  return { problem, setting: false };
}

/** The program that the setting names, or the one on the PATH or where pipx and uv put it. */
export async function findProgram(wanted?: Command): Promise<string | undefined> {
  return firstProgram(placesOf(wanted?.program ?? PROGRAM, surroundings()));
}

/** Whether there is a server by now: looked at often, so no interpreter is asked. */
export async function isThere(setting: unknown): Promise<boolean> {
  const wanted = commandIn(setting);
  return wanted !== 'wrong' && (await findProgram(wanted)) !== undefined;
}

async function findWanted(wanted: Command): Promise<Found> {
  const { program, args } = wanted;
  const found = await findProgram(wanted);
  if (found) {
    return { command: { program: found, args }, origin: 'setting' };
  }
  const why = isRelative(program, surroundings())
    ? 'is no whole path, which it takes'
    : `is no program on this machine${/\s/.test(program) ? '; with arguments it is a list' : ''}`;
  return { problem: `"${program}" of the setting codestral.command ${why}.`, setting: true };
}

function surroundings(): Surroundings {
  const { isTrusted, workspaceFolders } = vscode.workspace;
  const folders = isTrusted ? [] : (workspaceFolders ?? []);
  return {
    platform: process.platform,
    env: process.env,
    home: homedir(),
    distrusted: folders.map((each) => each.uri.fsPath),
  };
}

async function firstProgram(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (await isProgram(path)) {
      return path;
    }
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** In the user's home, and with `-P`: Python would take a package from the folder it stands in. */
function imports(interpreter: string): Promise<boolean> {
  const options = { cwd: homedir(), timeout: IMPORT_MS, windowsHide: true };
  return new Promise((resolve) => {
    execFile(interpreter, ['-P', '-c', 'import codestral_ls'], options, (error) => {
      resolve(error === null);
    });
  });
}
