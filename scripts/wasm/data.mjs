// Divides the data: what only a later part names (symbols.mjs) is put into the memory when that is loaded.

/** A segment costs some bytes itself. */
const RUN_MIN = 24;
/** What lies between two symbols is padding. */
const PADDING_MAX = 16;

/** Joins neighbours that go to the same part; what goes to the first is not listed. */
function runsOf(blocks, parts) {
  const runs = [];
  blocks.forEach(({ from, to }, index) => {
    const last = runs.at(-1);
    const isNext = last && last.index === index - 1 && last.part === parts[index];
    if (isNext && from - last.to <= PADDING_MAX) Object.assign(last, { to, index });
    else runs.push({ from, to, index, part: parts[index] });
  });
  return runs.filter(({ from, to, part }) => part > 0 && to - from >= RUN_MIN);
}

function cut({ address, bytes }, from, to) {
  return from < to ? [{ address: from, bytes: bytes.subarray(from - address, to - address) }] : [];
}

/** Splits data segments: those of `count` parts, of which `parts` says to which each of the blocks goes. */
export function splitData(segments, blocks, parts, count) {
  const runs = runsOf(blocks, parts);
  const split = Array.from({ length: count }, () => []);
  for (const segment of segments) {
    const end = segment.address + segment.bytes.length;
    let at = segment.address;
    for (const { from, to, part } of runs) {
      if (to <= at || from >= end) continue;
      split[0].push(...cut(segment, at, from));
      split[part].push(...cut(segment, Math.max(from, at), Math.min(to, end)));
      at = Math.min(to, end);
    }
    split[0].push(...cut(segment, at, end));
  }
  return split;
}
