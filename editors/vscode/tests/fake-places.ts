/** Places in documents, and of documents, as VS Code's API has them. */

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
  isBefore(other: Position): boolean {
    return this.line < other.line || (this.line === other.line && this.character < other.character);
  }
  translate(lines: number, characters: number): Position {
    return new Position(this.line + lines, this.character + characters);
  }
  isEqual(other: Position): boolean {
    return this.line === other.line && this.character === other.character;
  }
}

export class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
}

export class Selection {
  readonly isEmpty = true;
  constructor(
    readonly anchor: Position,
    readonly active: Position,
  ) {}
}

export class Uri {
  static parse(text: string): Uri {
    return new Uri(text);
  }
  static file(path: string): Uri {
    return new Uri(`file://${path}`);
  }
  constructor(private readonly text: string) {}
  get scheme(): string {
    return this.text.split(':')[0] ?? '';
  }
  get fsPath(): string {
    return this.text.replace(/^file:\/\//, '');
  }
  toString(): string {
    return this.text;
  }
}
