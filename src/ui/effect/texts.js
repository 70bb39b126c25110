// Loads what the fields of the API mean, once.
let loading;
export function load_texts() {
  loading ??= fetch(new URL("field-descriptions.txt", document.baseURI)).then((answer) => {
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.text();
  });
  return loading;
}
