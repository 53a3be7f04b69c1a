/** The interpreter that is selected in the Python extension, as far as there is one. */

import * as vscode from 'vscode';

const EXTENSION = 'ms-python.python';
const WAIT_MS = 15_000;

/** The part of its API that is needed here. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(): { readonly path: string };
    resolveEnvironment(path: {
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath?: vscode.Event<unknown>;
  };
}

/** The path of the interpreter; undefined without the extension, or if it does not say. */
export async function selectedInterpreter(): Promise<string | undefined> {
  try {
    const environments = (await activated())?.environments;
    if (!environments) {
      return undefined;
    }
    const chosen = environments.getActiveEnvironmentPath();
    const whole = await within(WAIT_MS, environments.resolveEnvironment(chosen));
    return whole?.executable.uri?.fsPath;
  } catch {
    return undefined;
  }
}

/** Tells when another interpreter is selected, once the extension is there. */
export async function onOtherInterpreter(heard: () => void): Promise<vscode.Disposable> {
  try {
    const changed = (await activated())?.environments?.onDidChangeActiveEnvironmentPath;
    return changed?.(heard) ?? NOTHING;
  } catch {
    return NOTHING;
  }
}

const NOTHING: vscode.Disposable = { dispose() {} };

async function activated(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>(EXTENSION);
  return extension && within(WAIT_MS, extension.activate());
}

/** What a promise brings within a time; the extension looks for interpreters on the whole disk. */
async function within<T>(ms: number, promise: Thenable<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
