// Loads the bundled editor on demand; its name stands in the page, because a release build hashes it.
export function load_editor() {
  const name = document.querySelector('meta[name="editor-module"]')?.content ?? "editor.js";
  return import(new URL(name, document.baseURI).href);
}
