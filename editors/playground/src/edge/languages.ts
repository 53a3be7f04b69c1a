/** How the editor reads each language: for colours and indentation alone. */

import { cssLanguage } from '@codemirror/lang-css';
import { htmlLanguage } from '@codemirror/lang-html';
import { javascriptLanguage, typescriptLanguage } from '@codemirror/lang-javascript';
import { jsonLanguage } from '@codemirror/lang-json';
import { markdownLanguage } from '@codemirror/lang-markdown';
import { pythonLanguage } from '@codemirror/lang-python';
import { indentUnit, StreamLanguage, type StreamParser } from '@codemirror/language';
import { c, cpp, csharp, java, kotlin } from '@codemirror/legacy-modes/mode/clike';
import { go } from '@codemirror/legacy-modes/mode/go';
import { ruby } from '@codemirror/legacy-modes/mode/ruby';
import { rust } from '@codemirror/legacy-modes/mode/rust';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import type { Extension } from '@codemirror/state';

const INDENTS: Readonly<Record<string, string>> = {
  ...{ css: '  ', html: '  ', javascript: '  ', json: '  ', markdown: '  ', ruby: '  ' },
  ...{ shellscript: '  ', typescript: '  ', go: '\t' },
};

/** The extensions for a language; one that nobody knows is plain text. */
export function languageOf(language: string): Extension {
  return [indentUnit.of(INDENTS[language] ?? '    '), parserOf(language)];
}

function parserOf(language: string): Extension {
  const trees: Readonly<Record<string, Extension>> = {
    css: cssLanguage,
    html: htmlLanguage,
    javascript: javascriptLanguage,
    json: jsonLanguage,
    markdown: markdownLanguage,
    python: pythonLanguage,
    typescript: typescriptLanguage,
  };
  // biome-ignore lint/suspicious/noExplicitAny: each parser has a state of its own kind
  const streams: Readonly<Record<string, StreamParser<any>>> = {
    ...{ c, cpp, csharp, go, java, kotlin, ruby, rust },
    shellscript: shell,
  };
  const stream = streams[language];
  return trees[language] ?? (stream ? StreamLanguage.define(stream) : []);
}
