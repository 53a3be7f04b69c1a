/**
 * Which values the server is sent. Pure.
 *
 * Only what the user has set goes out: the defaults that VS Code knows of every contributed setting
 * would otherwise win over the user's config.toml and environment.
 */

/** What VS Code says of one setting, by the places where it can be set. */
export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** A setting of the server as package.json declares it. */
export interface Declared {
  readonly name: string;
  readonly scope: string;
  /** Whether a folder that is not trusted may not set it. */
  readonly restricted: boolean;
}

export type Values = Readonly<Record<string, unknown>>;

export const SECTION = 'codestral';

/** Of the section, but of the extension: the server does not know them. */
const OWN = new Set(['command', 'trace.server']);

/** Scopes of what no folder may set. */
const USERS = new Set(['application', 'machine']);

/** Lists of which what a folder says is added to what the user says, so that it takes nothing away. */
const JOINED = new Set(['disabled_paths']);

interface Manifest {
  readonly contributes: {
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, { readonly scope?: string }>>;
    }[];
  };
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
}

/** The server's settings that package.json declares. */
export function declaredIn(manifest: Manifest): Declared[] {
  const restricted = new Set(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations);
  return manifest.contributes.configuration
    .flatMap((section) => Object.entries(section.properties))
    .map(([id, property]) => ({
      name: id.slice(SECTION.length + 1),
      scope: property.scope ?? 'window',
      restricted: restricted.has(id),
    }))
    .filter((each) => !OWN.has(each.name));
}

/** What is set, by the names of the server. `inspect` is asked for names without the section. */
export function chosenValues(
  declared: readonly Declared[],
  inspect: (name: string) => Inspected | undefined,
  trusted: boolean,
): Record<string, unknown> {
  const chosen: Record<string, unknown> = {};
  for (const each of declared) {
    const value = chosenValue(each, inspect(each.name) ?? {}, trusted);
    if (value !== undefined && value !== null) {
      chosen[each.name] = value;
    }
  }
  return chosen;
}

function chosenValue(declared: Declared, inspected: Inspected, trusted: boolean): unknown {
  const user = inspected.globalValue;
  if (USERS.has(declared.scope) || (declared.restricted && !trusted)) {
    return user;
  }
  const folder = inspected.workspaceFolderValue ?? inspected.workspaceValue;
  if (JOINED.has(declared.name) && Array.isArray(user) && Array.isArray(folder)) {
    return [...new Set([...user, ...folder])];
  }
  return folder ?? user;
}

/** The same values as environment variables, for the commands that run in a terminal. */
export function asEnvironment(values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `CODESTRAL_LS_${name.toUpperCase()}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
