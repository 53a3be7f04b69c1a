/** The editor. It lives in a shadow root, where its styles need no exception from the page's rules. */

import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import {
  defaultKeymap,
  history,
  historyKeymap,
  indentLess,
  indentMore,
} from '@codemirror/commands';
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { isUntouched, opened } from '../core/samples';
import { offerField, setOffer } from './ghost';
import { languageOf } from './languages';
import { replacing } from './replacing';

/** Colours are the page's, so that these follow its scheme at once. */
const THEME = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--paper)', height: '100%' },
  '&.cm-focused': { outline: 'none' }, // the frame around it shows the focus
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: 'var(--code)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)', padding: '8px 0' },
  '.cm-gutters': { color: 'var(--faint)', backgroundColor: 'var(--paper)', border: 'none' },
  '.cm-line, .below': { padding: '0 8px 0 6px' },
  '.ghost': { color: 'var(--ghost)', fontStyle: 'italic', whiteSpace: 'break-spaces' },
  '.below': { whiteSpace: 'break-spaces', wordBreak: 'break-word', cursor: 'text' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--match)', color: 'inherit' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--bad)' },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--string)' },
  { tag: [tags.comment, tags.docString], color: 'var(--comment)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--number)' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))],
    color: 'var(--name)',
  },
  { tag: [tags.typeName, tags.className, tags.tagName, tags.heading], color: 'var(--type)' },
  { tag: [tags.monospace, tags.link, tags.url], color: 'var(--string)' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strong, fontWeight: 'bold' },
  { tag: [tags.propertyName, tags.attributeName], color: 'var(--property)' },
]);

const HINT =
  'Tab accepts ghost text, and indents where there is none. Escape and then Tab leaves the editor.';
const language = new Compartment();

/** An editor in `host`; `parts` have to do with ghost text. */
export function openEditor(host: HTMLElement, first: string, parts: Extension): EditorView {
  const root = host.attachShadow({ mode: 'open' });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      extensions: [
        parts,
        offerField,
        [lineNumbers(), history(), indentOnInput(), bracketMatching(), closeBrackets()],
        [replacing, EditorView.lineWrapping, EditorState.tabSize.of(4)],
        [THEME, syntaxHighlighting(COLOURS)],
        EditorView.contentAttributes.of({
          'aria-label': 'Code',
          'aria-description': HINT,
          'aria-multiline': 'true',
        }),
        keymap.of([
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...historyKeymap,
          { key: 'Tab', run: indentMore, shift: indentLess },
        ]),
        language.of(languageOf(first)),
      ],
    }),
  });
  show(view, first);
  return view;
}

/** Has the text read in another language; a sample that nobody has changed gives way to its own. */
export function readAs(view: EditorView, name: string): void {
  const effects = [language.reconfigure(languageOf(name)), setOffer.of(undefined)];
  view.dispatch({ effects });
  if (isUntouched(view.state.doc.toString())) {
    show(view, name);
  }
}

function show(view: EditorView, name: string): void {
  const { text, caret } = opened(name);
  const changes = { from: 0, to: view.state.doc.length, insert: text };
  view.dispatch({ changes, selection: { anchor: caret }, effects: setOffer.of(undefined) });
}
