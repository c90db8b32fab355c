// The editor of the document, which completes once it knows the schema.
import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { syntaxHighlighting, HighlightStyle } from '@codemirror/language';
import { Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { graphql, updateSchema } from 'cm6-graphql';
import { minimalSetup } from 'codemirror';
import { buildClientSchema } from 'graphql';

/** Colours of the page's own, for light and dark. */
const highlighting = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)' },
  { tag: [tags.string, tags.number], color: 'var(--good)' },
  { tag: tags.comment, color: 'var(--quiet)' },
  { tag: [tags.variableName, tags.attributeName], color: 'var(--warn)' },
]);

/** Makes the editor in this element. `onRun` is called at Ctrl+Enter. */
export const makeEditor = (parent, { onRun }) => {
  const view = new EditorView({
    parent,
    extensions: [
      Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (onRun(), true) }])),
      minimalSetup,
      keymap.of(completionKeymap),
      autocompletion(),
      graphql(),
      syntaxHighlighting(highlighting),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ id: 'query', 'aria-label': 'Document', spellcheck: 'false' }),
    ],
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    /** Takes the answer to an introspection. */
    know: (introspection) => updateSchema(view, buildClientSchema(introspection)),
  };
};
