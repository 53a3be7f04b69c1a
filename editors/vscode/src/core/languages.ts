/** Which languages get ghost text: the meaning of the setting `languages`, as the server has it. Pure. */

import facts from '../generated.json';

const NOT_CODE: ReadonlySet<string> = new Set(facts.notCode);

/** Whether a language is meant: a name turns it on, `!name` off; `*` is all, `code` all with code. */
export function isChosen(language: string, chosen: readonly string[]): boolean {
  const named = withCode(chosen);
  const isCode = named.includes('code') && !NOT_CODE.has(language);
  return (
    !chosen.includes(`!${language}`) && (named.includes('*') || isCode || named.includes(language))
  );
}

/** The list, changed as little as it takes to mean a language too. */
export function withLanguage(language: string, chosen: readonly string[]): string[] {
  const named = withCode(chosen).filter((each) => each !== `!${language}`);
  return isChosen(language, named) ? named : [...named, language];
}

/** The list, changed as little as it takes not to mean a language. */
export function withoutLanguage(language: string, chosen: readonly string[]): string[] {
  const named = withCode(chosen).filter((each) => each !== language);
  if (onlyLeavesOut(named)) {
    return []; // it was the last one that was named: what is left would mean all code
  }
  return isChosen(language, named) ? [...named, `!${language}`] : named;
}

/** A list that only leaves languages out leaves them out of the usual ones. */
function withCode(chosen: readonly string[]): string[] {
  return onlyLeavesOut(chosen) ? ['code', ...chosen] : [...chosen];
}

function onlyLeavesOut(chosen: readonly string[]): boolean {
  return chosen.length > 0 && chosen.every((each) => each.startsWith('!'));
}
