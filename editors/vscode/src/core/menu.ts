/** What the menu of the status bar offers. Pure. */

import { isRunning, type Status } from './status';

/** One entry: a command with its arguments, or a line between groups. */
export interface Entry {
  readonly label: string;
  readonly description?: string;
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

export interface Circumstances {
  readonly status: Status;
  /** The language of the file in front; "" if there is none. */
  readonly language: string;
  readonly languageIsOn: boolean;
  readonly hasKey: boolean;
}

export const SEPARATOR = '';
const SET_KEY = 'codestral-ls.setApiKey';

/** Server commands that the extension has a better way to show the answer of. */
const OURS: Readonly<Record<string, string>> = {
  'codestral.statistics': 'codestral-ls.statistics',
  'codestral.explain': 'codestral-ls.explain',
};

/** Whether it is the server's to run: VS Code does not know these commands while none runs. */
export function isOfServer(command: string): boolean {
  return command.startsWith('codestral.');
}

/** The entries, those that help now first. */
export function menuOf(circumstances: Circumstances): Entry[] {
  const { status } = circumstances;
  const groups = [
    remedies(circumstances),
    isRunning(status) ? switches(circumstances) : [],
    isRunning(status) ? looks() : [],
    always(circumstances),
  ];
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, at) => (at === 0 ? group : [{ label: '', command: SEPARATOR }, ...group]));
}

function remedies({ status, hasKey }: Circumstances): Entry[] {
  if (status.state === 'missing') {
    return [
      { label: '$(cloud-download) Install the server…', command: 'codestral-ls.install' },
      {
        label: '$(gear) Set its path',
        command: 'workbench.action.openSettings',
        arguments: ['codestral.command'],
      },
    ];
  }
  if (status.state === 'stopped') {
    return [
      { label: '$(debug-restart) Start the server again', command: 'codestral-ls.restart' },
      { label: '$(output) See in the log why it has ended', command: 'codestral-ls.showLog' },
    ];
  }
  if (status.state === 'offline' && !status.command && !hasKey) {
    return [{ label: '$(key) Set an API key, and a model completes…', command: SET_KEY }];
  }
  if (!status.command) {
    return [];
  }
  const { title, command, arguments: given } = status.command;
  return [
    {
      label: `$(lightbulb) ${title}`,
      description: status.message,
      command: OURS[command] ?? command,
      arguments: given ?? [],
    },
  ];
}

function switches({ status, language, languageIsOn }: Circumstances): Entry[] {
  const entries: Entry[] = [];
  if (status.state !== 'paused') {
    const pause = (minutes: number) => ({
      label: `$(debug-pause) Pause for ${minutes} minutes`,
      command: 'codestral-ls.pause',
      arguments: [minutes],
    });
    entries.push(pause(5), pause(60), {
      label: '$(circle-slash) Switch off until the next start',
      command: 'codestral-ls.toggle',
    });
  } else if (!status.command) {
    entries.push({ label: '$(play) Resume', command: 'codestral-ls.resume' });
  }
  if (language) {
    entries.push({
      label: languageIsOn
        ? `$(exclude) Switch off for the language "${language}"`
        : `$(check) Switch on for the language "${language}"`,
      command: 'codestral-ls.toggleLanguage',
    });
  }
  return entries;
}

function looks(): Entry[] {
  return [
    { label: '$(question) Explain the last completions', command: 'codestral-ls.explain' },
    { label: '$(graph) Show statistics', command: 'codestral-ls.statistics' },
    { label: '$(pulse) Run the doctor', command: 'codestral-ls.doctor' },
  ];
}

function always({ hasKey }: Circumstances): Entry[] {
  return [
    {
      label: `$(key) ${hasKey ? 'Change' : 'Set'} the API key…`,
      command: SET_KEY,
    },
    { label: '$(gear) Open settings', command: 'codestral-ls.openSettings' },
    { label: '$(output) Show log', command: 'codestral-ls.showLog' },
    { label: '$(debug-restart) Restart the server', command: 'codestral-ls.restart' },
  ];
}
