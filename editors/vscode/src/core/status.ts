/** How it stands, and how the status bar shows it. Pure. */

/** A command of LSP's that would help. */
export interface Remedy {
  readonly title: string;
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/** What the server tells by `codestral/status`. */
export type ServerState = 'ready' | 'busy' | 'paused' | 'rate-limited' | 'offline' | 'error';

/** What the extension knows by itself: the server has not begun, is nowhere, or has ended. */
export type OwnState = 'starting' | 'missing' | 'stopped';

export interface Status {
  readonly state: ServerState | OwnState;
  readonly message: string;
  readonly command?: Remedy | null;
}

/** What the item of the status bar looks like. */
export interface Bar {
  readonly text: string;
  readonly tooltip: string;
  readonly background: 'error' | 'warning' | undefined;
}

const ICONS: Readonly<Record<Status['state'], string>> = {
  ready: 'sparkle',
  busy: 'loading~spin',
  paused: 'debug-pause',
  'rate-limited': 'watch',
  offline: 'debug-disconnect',
  error: 'error',
  starting: 'loading~spin',
  missing: 'warning',
  stopped: 'error',
};

const WORDS: Readonly<Record<Status['state'], string>> = {
  ready: 'ready',
  busy: 'asking the model',
  paused: 'paused',
  'rate-limited': 'rate limit',
  offline: 'offline',
  error: 'error',
  starting: 'starting',
  missing: 'no server',
  stopped: 'server has ended',
};

const BACKGROUNDS: Partial<Record<Status['state'], Bar['background']>> = {
  error: 'error',
  stopped: 'error',
  missing: 'warning',
  'rate-limited': 'warning',
};

/** The language of the file in front, which gets no ghost text; `known` if VS Code's settings say so. */
export interface LanguageOff {
  readonly language: string;
  readonly known: boolean;
}

/** The status bar's item. */
export function barOf(status: Status, off?: LanguageOff): Bar {
  const silent = off !== undefined && (status.state === 'ready' || status.state === 'offline');
  const icon = silent ? 'circle-slash' : ICONS[status.state];
  const lines = [`Codestral: ${WORDS[status.state]}`, status.message];
  if (off) {
    const unless = off.known ? '' : ', unless your config.toml says otherwise';
    lines.push(`No ghost text in files of the language "${off.language}"${unless}.`);
  }
  lines.push('Click for a menu.');
  return {
    text: `$(${icon}) Codestral`,
    tooltip: lines.filter(Boolean).join('\n'),
    background: BACKGROUNDS[status.state],
  };
}

/** Whether the server runs, and can be asked. */
export function isRunning(status: Status): boolean {
  return !['starting', 'missing', 'stopped'].includes(status.state);
}

/** What came as a status, or undefined if it is none: another server may stand at the other end. */
export function statusIn(value: unknown): Status | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { state, message, command } = value as Record<string, unknown>;
  const known = typeof state === 'string' && Object.hasOwn(ICONS, state);
  if (!known || typeof message !== 'string') {
    return undefined;
  }
  return { state: state as ServerState, message, command: remedyIn(command) };
}

function remedyIn(value: unknown): Remedy | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { title, command, arguments: given } = value as Record<string, unknown>;
  if (typeof title !== 'string' || typeof command !== 'string') {
    return null;
  }
  return { title, command, arguments: Array.isArray(given) ? given : [] };
}
