/** Server-sent events, as far as a gateway writes them. Pure. */

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** The events that are whole in a text, and what is left of it for when more has come. */
export function readEvents(text: string): { events: ServerEvent[]; rest: string } {
  const events: ServerEvent[] = [];
  let name = '';
  let data: string[] = [];
  let start = 0; // of the first event that is not whole
  let at = 0;
  for (;;) {
    const found = /\r\n|\n|\r/g;
    found.lastIndex = at;
    const end = found.exec(text);
    if (!end || (end[0] === '\r' && found.lastIndex === text.length)) {
      return { events, rest: text.slice(start) }; // a lone CR may be the half of a CRLF
    }
    const line = text.slice(at, end.index);
    at = found.lastIndex;
    if (line === '') {
      if (data.length) {
        events.push({ name: name || 'message', data: data.join('\n') });
      }
      [name, data, start] = ['', [], at];
    } else {
      const [field, value] = fieldOf(line);
      if (field === 'event') {
        name = value;
      } else if (field === 'data') {
        data.push(value);
      }
    }
  }
}

/** Name and value of a line; a comment has the name "". */
function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon < 0) {
    return [line, ''];
  }
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
}
