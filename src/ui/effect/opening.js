// The opening that is the same for everybody, recorded when the page was built. Its name stands in the page;
// development builds have none, and compute it.
const find = () => document.querySelector('meta[name="opening"]')?.content;

async function load() {
  const name = find();
  if (!name) return undefined;
  const answer = await fetch(new URL(name, document.baseURI));
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
}

// On its way together with the engine, where the address asks for nothing else.
let early = find() && document.location.hash.length < 2 ? load() : undefined;

export async function load_opening() {
  const loading = early ?? load();
  early = undefined;
  try {
    return await loading;
  } catch {
    return undefined; // computed instead
  }
}

/** The bytes that an embedded recording is written as. */
export function decode(text) {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
