// Long texts that nobody reads before asking for them: the bytes of these files go into the second part, which puts
// them back when it is loaded. The code that reads them is there too: the rehearsal never reads them.

/** Where a text lies in the data, as `{from, to}` addresses. */
function find(segments, text) {
  for (const { address, bytes } of segments) {
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(text);
    if (at >= 0) return [{ from: address + at, to: address + at + text.length }];
  }
  return [];
}

function cut({ address, bytes }, from, to) {
  return { address: from, bytes: bytes.subarray(from - address, to - address) };
}

/** Splits data segments: those of the first part, and those of the rest, with the `texts` (as bytes). */
export function splitData(segments, texts) {
  const moved = texts.flatMap((text) => find(segments, text)).sort((a, b) => a.from - b.from);
  const rest = [];
  const first = segments.flatMap((segment) => {
    const end = segment.address + segment.bytes.length;
    const inside = moved.filter(({ from }) => from >= segment.address && from < end);
    rest.push(...inside.map(({ from, to }) => cut(segment, from, to)));
    const edges = [segment.address, ...inside.flatMap(({ from, to }) => [from, to]), end];
    return edges.flatMap((from, index) => (index % 2 || from >= edges[index + 1] ? [] : [cut(segment, from, edges[index + 1])]));
  });
  return { first, rest };
}
