/** Keys in what is logged. Pure. */

const SHORTEST = 4;

/** The text without any of the secrets, also where they stand escaped in JSON. */
export function redact(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST) {
      clean = clean
        .replaceAll(secret, '***')
        .replaceAll(JSON.stringify(secret).slice(1, -1), '***');
    }
  }
  return clean;
}
