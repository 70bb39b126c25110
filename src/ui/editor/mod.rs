//! The YAML editor: CodeMirror 6, bundled by esbuild from `editor.js` and loaded on demand.
//!
//! Positions are lines and columns from 1, columns in characters. Structured values cross the
//! border as JSON text; `editor.js` documents their shape.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen(module = "/src/ui/editor/load.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load_editor() -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// The loaded bundle.
    #[derive(Clone)]
    type EditorModule;
    #[wasm_bindgen(method, catch)]
    fn create(
        this: &EditorModule,
        parent: &Element,
        options: &Object,
    ) -> Result<EditorHandle, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn diff(
        this: &EditorModule,
        parent: &Element,
        before: &str,
        after: &str,
        options: &Object,
    ) -> Result<EditorHandle, JsValue>;

    /// One editor on the page, as `editor.js` returns it.
    type EditorHandle;
    #[wasm_bindgen(method, js_name = getDoc)]
    fn get_doc(this: &EditorHandle) -> String;
    #[wasm_bindgen(method, js_name = setDoc)]
    fn set_doc(this: &EditorHandle, text: &str, fresh: bool);
    #[wasm_bindgen(method, js_name = setDiagnostics)]
    fn set_diagnostics(this: &EditorHandle, json: &str);
    #[wasm_bindgen(method, js_name = lintNow)]
    fn lint_now(this: &EditorHandle);
    #[wasm_bindgen(method, js_name = setMarks)]
    fn set_marks(this: &EditorHandle, json: &str);
    #[wasm_bindgen(method)]
    fn show(this: &EditorHandle, line: u32);
    #[wasm_bindgen(method)]
    fn reveal(this: &EditorHandle, line: u32, column: u32);
    #[wasm_bindgen(method, js_name = setTheme)]
    fn set_theme(this: &EditorHandle, name: &str);
    #[wasm_bindgen(method, js_name = setReadOnly)]
    fn set_read_only(this: &EditorHandle, yes: bool);
    #[wasm_bindgen(method, js_name = setPhrases)]
    fn set_phrases(this: &EditorHandle, json: &str);
    #[wasm_bindgen(method)]
    fn focus(this: &EditorHandle);
    #[wasm_bindgen(method)]
    fn destroy(this: &EditorHandle);
}

/// The text, the line and the column asked about; the answer is JSON text, empty for none.
type Ask = Box<dyn FnMut(String, u32, u32) -> String>;

/// What an editor starts with, and whom it tells.
pub struct EditorOptions {
    pub doc: String,
    pub label: String,
    pub theme: &'static str,
    pub read_only: bool,
    pub on_change: Box<dyn FnMut(String)>,
    pub on_apply: Box<dyn FnMut()>,
    pub complete: Ask,
    pub hover: Ask,
    pub lint: Box<dyn FnMut(String) -> String>,
}

/// The functions the editor calls; they live as long as it does.
struct Callbacks {
    on_change: Closure<dyn FnMut(String)>,
    on_apply: Closure<dyn FnMut()>,
    complete: Closure<dyn FnMut(String, u32, u32) -> String>,
    hover: Closure<dyn FnMut(String, u32, u32) -> String>,
    lint: Closure<dyn FnMut(String) -> String>,
}

/// An editor on the page; dropping it removes it.
pub struct Editor {
    handle: EditorHandle,
    _callbacks: Callbacks,
}

/// A read-only view of a change; dropping it removes it.
pub struct DiffView {
    handle: EditorHandle,
}

/// Loads the bundle and puts an editor into `parent`; the error is a sentence.
pub async fn create(parent: Element, options: EditorOptions) -> Result<Editor, String> {
    let module = load().await?;
    let given = Object::new();
    set(&given, "doc", &options.doc.into());
    set(&given, "label", &options.label.into());
    set(&given, "theme", &options.theme.into());
    set(&given, "readOnly", &options.read_only.into());
    let callbacks = Callbacks {
        on_change: Closure::wrap(options.on_change),
        on_apply: Closure::wrap(options.on_apply),
        complete: Closure::wrap(options.complete),
        hover: Closure::wrap(options.hover),
        lint: Closure::wrap(options.lint),
    };
    set(&given, "onChange", callbacks.on_change.as_ref());
    set(&given, "onApply", callbacks.on_apply.as_ref());
    set(&given, "complete", callbacks.complete.as_ref());
    set(&given, "hover", callbacks.hover.as_ref());
    set(&given, "lint", callbacks.lint.as_ref());
    let handle = module.create(&parent, &given).map_err(describe)?;
    Ok(Editor { handle, _callbacks: callbacks })
}

/// Shows the change from `before` to `after` in `parent`.
pub async fn diff(
    parent: Element,
    before: &str,
    after: &str,
    theme: &'static str,
    label: &str,
) -> Result<DiffView, String> {
    let module = load().await?;
    let given = Object::new();
    set(&given, "theme", &theme.into());
    set(&given, "label", &label.into());
    let handle = module.diff(&parent, before, after, &given).map_err(describe)?;
    Ok(DiffView { handle })
}

impl Editor {
    pub fn text(&self) -> String {
        self.handle.get_doc()
    }

    /// Replaces the text of the same file; undo still works.
    pub fn set_text(&self, text: &str) {
        self.handle.set_doc(text, false);
    }

    /// Shows another file, with an undo history of its own.
    pub fn open(&self, text: &str) {
        self.handle.set_doc(text, true);
    }

    /// Underlines problems that were found outside the editor.
    pub fn set_diagnostics(&self, json: &str) {
        self.handle.set_diagnostics(json);
    }

    /// Asks for problems again, now.
    pub fn lint_now(&self) {
        self.handle.lint_now();
    }

    /// Tints lines: `[{"line": 3, "endLine": 5}]`.
    pub fn set_marks(&self, json: &str) {
        self.handle.set_marks(json);
    }

    /// Scrolls a line into view, the cursor staying where it is.
    pub fn show(&self, line: u32) {
        self.handle.show(line);
    }

    pub fn reveal(&self, line: u32, column: u32) {
        self.handle.reveal(line, column);
    }

    pub fn set_theme(&self, name: &'static str) {
        self.handle.set_theme(name);
    }

    pub fn set_read_only(&self, yes: bool) {
        self.handle.set_read_only(yes);
    }

    /// CodeMirror's own words in the learner's language, as a JSON object.
    pub fn set_phrases(&self, json: &str) {
        self.handle.set_phrases(json);
    }

    pub fn focus(&self) {
        self.handle.focus();
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.handle.destroy();
    }
}

impl Drop for DiffView {
    fn drop(&mut self) {
        self.handle.destroy();
    }
}

async fn load() -> Result<EditorModule, String> {
    load_editor().await.map(JsCast::unchecked_into).map_err(describe)
}

fn set(object: &Object, key: &str, value: &JsValue) {
    // Setting a property of a plain new object cannot fail.
    let _ = Reflect::set(object, &key.into(), value);
}

fn describe(error: JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |e| e.message().into())
}
