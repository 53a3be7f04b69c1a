/** Light or dark; as the system has it, until somebody chooses. */

import { keep, recall } from './storage';

const SCHEME = 'codestral-ls-scheme';

/** Lets a choice of `auto`, `light` and `dark` decide, and keeps it for the next visit. */
export function followScheme(choice: HTMLSelectElement): void {
  const use = (scheme: string) => {
    document.documentElement.dataset['scheme'] = scheme;
  };
  choice.value = recall(() => localStorage, SCHEME);
  if (!choice.value) {
    choice.value = 'auto'; // nothing is kept, or something of another version
  }
  use(choice.value);
  choice.addEventListener('change', () => {
    keep(() => localStorage, SCHEME, choice.value);
    use(choice.value);
  });
}
