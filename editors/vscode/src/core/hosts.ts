/** Where a key goes, in words. Pure. */

import facts from '../generated.json';
import type { Values } from './settings';

const HOSTS: Readonly<Record<string, string>> = facts.hosts;

/** The host to which the server sends `api_key` under these settings; "" if nobody can tell. */
export function hostOfKey(values: Values): string {
  const address = addressIn(values);
  if (address) {
    return URL.canParse(address) ? new URL(address).host : '';
  }
  const name = firstOf(values)?.split(/[:@]/)[0]?.trim().toLowerCase() ?? values['provider'];
  return HOSTS[typeof name === 'string' ? name : 'auto'] ?? '';
}

/**
 * The same for somebody who is about to enter it. A list that VS Code knows, and an address, are the
 * last word; the rest of it the server may also read where VS Code does not look.
 */
export function whereKeyGoes(values: Values): string {
  const host = hostOfKey(values);
  if (!host) {
    return 'It is sent to your provider and nowhere else.';
  }
  return firstOf(values) && addressIn(values)
    ? `It is sent to ${host} and nowhere else.`
    : `It is sent to ${host}, unless your environment or config.toml names another place.`;
}

/** The first one of several providers. */
function firstOf(values: Values): string | undefined {
  const [first] = Array.isArray(values['providers']) ? values['providers'] : [];
  return typeof first === 'string' ? first : undefined;
}

/** The address that is set for it; "" for the vendor's own. */
function addressIn(values: Values): string {
  const address = firstOf(values)?.match(/@(https?:.*)$/i)?.[1] ?? values['endpoint'];
  return typeof address === 'string' ? address : '';
}

/** Why a text is no key; "" if it can be one. */
export function unfitForKey(text: string): string {
  const key = text.trim();
  if (!key) {
    return 'Paste the key.';
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    return 'A key has no blanks, and no other characters than those of ASCII.';
  }
  return /^(["'`]).*\1$/.test(key) ? 'The quotes are no part of the key.' : '';
}
