/** Which documents get ghost text: those that a user writes. Pure. */

/**
 * Files wherever they are, new ones, and cells of notebooks. All others are views of something
 * (`git:`, `output:`, the message of a commit, comments, searches) or settings with keys in them.
 */
export const SCHEMES = [
  'file',
  'untitled',
  'vscode-notebook-cell',
  'vscode-remote',
  'vscode-vfs',
] as const;

/** The same as a client of the protocol declares it. */
export const SELECTOR = SCHEMES.map((scheme) => ({ scheme }));

/** Whether a document of this scheme gets ghost text. */
export function isWritten(scheme: string): boolean {
  return (SCHEMES as readonly string[]).includes(scheme);
}
