// The clipboard: without permission, or where there is none, nothing is copied and false is said.
export async function copy_text(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
