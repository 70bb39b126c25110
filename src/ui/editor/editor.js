// The YAML editor: CodeMirror 6 behind a small interface, bundled by esbuild and loaded on demand.
// Positions are lines and columns from 1; a column counts characters, not UTF-16 units.
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import {
  Decoration, EditorView, crosshairCursor, drawSelection, dropCursor, highlightActiveLine,
  highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import {
  HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { forceLinting, lintGutter, lintKeymap, linter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { unifiedMergeView } from "@codemirror/merge";
import { yaml } from "@codemirror/lang-yaml";
import { tags } from "@lezer/highlight";

const fromOutside = Annotation.define();

// Colours come from the page's tokens, so that the editor follows its theme.
const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--syntax-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--syntax-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--syntax-value)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--syntax-comment)" },
  { tag: [tags.meta, tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--syntax-mark)" },
  { tag: [tags.labelName, tags.typeName], color: "var(--syntax-name)" },
]);

const look = {
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "0.8125rem" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { color: "var(--text-quiet)", backgroundColor: "var(--surface)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--surface-active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  ".cm-marked": { backgroundColor: "var(--surface-marked)" },
  ".cm-tooltip": {
    color: "var(--text)", backgroundColor: "var(--surface-raised)", border: "1px solid var(--line)",
    borderRadius: "var(--radius)", maxInlineSize: "min(60ch, 90vw)",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--on-accent)", backgroundColor: "var(--accent)",
  },
  ".cm-panels": { color: "var(--text)", backgroundColor: "var(--surface-raised)", borderColor: "var(--line)" },
  ".cm-hover": { padding: "0.5rem 0.75rem", whiteSpace: "pre-wrap" },
  ".cm-hover strong": { display: "block" },
};
const themes = { light: EditorView.theme(look), dark: EditorView.theme(look, { dark: true }) };

const parsed = (value) => (typeof value === "string" ? JSON.parse(value || "null") : value);

// An offset in UTF-16 units of a line and column in characters; both are brought into the text.
function offsetAt(doc, line, column) {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const before = [...found.text].slice(0, Math.max(column, 1) - 1).join("");
  return found.from + before.length;
}

function placeAt(doc, offset) {
  const line = doc.lineAt(offset);
  return [line.number, [...line.text.slice(0, offset - line.from)].length + 1];
}

function range(doc, at) {
  const from = offsetAt(doc, at.line, at.column ?? 1);
  const line = doc.lineAt(from);
  const to = at.endLine ? offsetAt(doc, at.endLine, at.endColumn ?? 1) : line.to;
  return { from: Math.min(from, to), to: Math.max(from, to) };
}

function message(problem) {
  const element = document.createElement("div");
  element.append(problem.message);
  if (problem.detail) {
    const detail = document.createElement("div");
    detail.className = "cm-problem-detail";
    detail.textContent = problem.detail;
    element.append(detail);
  }
  return element;
}

function diagnostics(doc, problems) {
  return (parsed(problems) ?? []).map((problem) => ({
    ...range(doc, problem),
    severity: problem.severity ?? "error",
    message: problem.message,
    renderMessage: () => message(problem),
    actions: (problem.fixes ?? []).map((fix) => ({
      name: fix.name,
      apply: (view) => view.dispatch({ changes: { ...range(view.state.doc, fix), insert: fix.insert } }),
    })),
  }));
}

function completionFrom(complete) {
  return async (context) => {
    const [line, column] = placeAt(context.state.doc, context.pos);
    const answer = parsed(await complete(context.state.doc.toString(), line, column, context.explicit));
    if (!answer || answer.options.length === 0) return null;
    const from = offsetAt(context.state.doc, line, column - (answer.replace ?? 0));
    const options = answer.options.map((option) => ({
      label: option.label, detail: option.detail, info: option.info, type: option.type,
      apply: option.insert ?? option.label,
    }));
    return { from, options, validFor: /^[\w./-]*$/ };
  };
}

function hoverFrom(hover) {
  return hoverTooltip(async (view, offset) => {
    const [line, column] = placeAt(view.state.doc, offset);
    const answer = parsed(await hover(view.state.doc.toString(), line, column));
    if (!answer) return null;
    const create = () => {
      const dom = document.createElement("div");
      dom.className = "cm-hover";
      const title = document.createElement("strong");
      title.textContent = answer.title ?? "";
      dom.append(title, answer.text ?? "");
      return { dom };
    };
    return { pos: offset, above: true, create };
  });
}

const marksOf = (doc, marks) =>
  Decoration.set(
    (parsed(marks) ?? []).flatMap(({ line, endLine = line }) => {
      const lines = [];
      for (let at = Math.max(line, 1); at <= Math.min(endLine, doc.lines); at += 1) {
        lines.push(Decoration.line({ class: "cm-marked" }).range(doc.line(at).from));
      }
      return lines;
    }),
    true,
  );

function keys({ onApply }) {
  const apply = () => (onApply?.(), true);
  return keymap.of([
    { key: "Mod-Enter", run: apply },
    { key: "Mod-s", run: apply, preventDefault: true },
    ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap,
    ...completionKeymap, ...lintKeymap, indentWithTab,
  ]);
}

const basics = () => [
  lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), foldGutter(),
  drawSelection(), dropCursor(), EditorState.allowMultipleSelections.of(true), indentOnInput(),
  bracketMatching(), closeBrackets(), rectangularSelection(), crosshairCursor(),
  highlightActiveLine(), highlightSelectionMatches(), syntaxHighlighting(highlight), yaml(),
  indentUnit.of("  "), EditorState.tabSize.of(2),
];

/**
 * Creates an editor in `parent`.
 *
 * options: doc, label, readOnly, theme ("light" or "dark"), phrases (an object of CodeMirror's words),
 *   onChange(text), onApply(), complete(text, line, column, explicit), hover(text, line, column), lint(text).
 * Answers may be promises, and JSON text in place of objects:
 *   complete: { replace: characters before the cursor, options: [{ label, detail, info, type, insert }] }
 *   hover: { title, text }
 *   lint: [{ line, column, endLine, endColumn, severity, message, detail, fixes: [{ name, insert, line, ... }] }]
 */
export function create(parent, options) {
  const theme = new Compartment();
  const readOnly = new Compartment();
  const phrases = new Compartment();
  const marks = new Compartment();
  const { onChange, complete, hover, lint } = options;
  const isReadOnly = (yes) => [EditorState.readOnly.of(Boolean(yes)), EditorView.editable.of(!yes)];
  const words = (given) => EditorState.phrases.of(parsed(given) ?? {});
  const extensions = [
    keys(options), basics(), lintGutter(),
    theme.of(themes[options.theme] ?? themes.light),
    readOnly.of(isReadOnly(options.readOnly)),
    phrases.of(words(options.phrases)),
    marks.of([]),
    EditorView.contentAttributes.of({ "aria-label": options.label ?? "YAML" }),
    EditorView.updateListener.of((update) => {
      const ours = update.transactions.some((transaction) => transaction.annotation(fromOutside));
      if (update.docChanged && !ours) onChange?.(update.state.doc.toString());
    }),
    complete ? autocompletion({ override: [completionFrom(complete)] }) : [],
    hover ? hoverFrom(hover) : [],
    lint
      ? linter(async (view) => diagnostics(view.state.doc, await lint(view.state.doc.toString())), { delay: 200 })
      : [],
  ];
  const newState = (doc) => EditorState.create({ doc, extensions });
  const view = new EditorView({ parent, state: newState(options.doc ?? "") });
  view.scrollDOM.tabIndex = 0; // long files scroll by keyboard too
  let current = { theme: options.theme, readOnly: options.readOnly, phrases: options.phrases };

  const reconfigure = (change) => {
    current = { ...current, ...change };
    view.dispatch({
      effects: [
        theme.reconfigure(themes[current.theme] ?? themes.light),
        readOnly.reconfigure(isReadOnly(current.readOnly)),
        phrases.reconfigure(words(current.phrases)),
      ],
    });
  };

  return {
    getDoc: () => view.state.doc.toString(),
    // Replaces the text; keeps the undo history unless another file is shown (`fresh`).
    setDoc(doc, fresh = false) {
      if (fresh) {
        view.setState(newState(doc));
        reconfigure({});
      } else if (doc !== view.state.doc.toString()) {
        view.dispatch({
          changes: { from: 0, to: view.state.doc.length, insert: doc },
          annotations: fromOutside.of(true),
        });
      }
    },
    setDiagnostics(problems) {
      view.dispatch(setDiagnostics(view.state, diagnostics(view.state.doc, problems)));
    },
    lintNow: () => forceLinting(view),
    setMarks(lines) {
      const decorations = EditorView.decorations.of(marksOf(view.state.doc, lines));
      view.dispatch({ effects: marks.reconfigure(decorations) });
    },
    show(line) {
      const effects = EditorView.scrollIntoView(offsetAt(view.state.doc, line, 1), { y: "nearest", yMargin: 24 });
      view.dispatch({ effects });
    },
    reveal(line, column = 1) {
      const anchor = offsetAt(view.state.doc, line, column);
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    },
    setTheme: (name) => reconfigure({ theme: name }),
    setReadOnly: (yes) => reconfigure({ readOnly: yes }),
    setPhrases: (given) => reconfigure({ phrases: given }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

/** Shows what would change from `before` to `after`, in one column. options: theme, label, phrases. */
export function diff(parent, before, after, options = {}) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: after,
      extensions: [
        lineNumbers(), syntaxHighlighting(highlight), yaml(), EditorState.readOnly.of(true),
        EditorView.editable.of(false), themes[options.theme] ?? themes.light,
        EditorView.contentAttributes.of({ "aria-label": options.label ?? "diff", tabindex: "0" }),
        EditorState.phrases.of(parsed(options.phrases) ?? {}),
        unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } }),
      ],
    }),
  });
  return { destroy: () => view.destroy() };
}
