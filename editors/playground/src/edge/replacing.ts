/** Typing over a selection, without the browser's own editing. */

import { EditorView } from '@codemirror/view';

/**
 * Chromium would write the style of what is replaced into the element of what is typed, which the
 * page's rules forbid and its console would tell. Everything else is left to the browser.
 */
export const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main, ranges } = view.state.selection;
    const text = event.data;
    if (event.inputType !== 'insertText' || !text || main.empty || view.state.readOnly) {
      return false;
    }
    if (view.composing || ranges.length > 1) {
      return false;
    }
    const insert = () =>
      view.state.update(view.state.replaceSelection(text.replaceAll(/\r\n?/g, '\n')), {
        userEvent: 'input.type',
        scrollIntoView: true,
      });
    const wantsIt = view.state
      .facet(EditorView.inputHandler)
      .some((each) => each(view, main.from, main.to, text, insert));
    if (!wantsIt) {
      view.dispatch(insert());
    }
    return true;
  },
});
