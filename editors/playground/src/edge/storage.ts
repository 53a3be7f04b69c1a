/** What the browser keeps for the page; one that is told to keep nothing throws at every touch. */

/** What is kept under a name, "" if nothing is. */
export function recall(storage: () => Storage, name: string): string {
  try {
    return storage().getItem(name) ?? '';
  } catch {
    return '';
  }
}

/** Keeps a text under a name, if that may be. */
export function keep(storage: () => Storage, name: string, text: string): void {
  try {
    storage().setItem(name, text);
  } catch {
    // then it lasts as long as the page
  }
}
