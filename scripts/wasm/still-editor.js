// Stands in for the YAML editor where the page is rehearsed: shows nothing, asks once what is wrong with the file.
export function create(parent, { doc, lint }) {
  let text = doc;
  setTimeout(() => lint(text));
  const handle = { getDoc: () => text, setDoc: (given) => (text = given), lintNow: () => lint(text) };
  return new Proxy(handle, { get: (known, name) => known[name] ?? (() => undefined) });
}
export const diff = create;
