// Which code and which data name which data and which slots of the function table, as the linker wrote it down
// (--emit-relocs): so that what only a later part names can go there.
//
// Optimizers lose these notes. Before they run, every such number in the code becomes a global of its own, which
// they cannot look through (it is exported and may change); after the split it becomes a number again.
// https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md
import { Reader, SECTION, concat, readModule, s32, sized, text, u32 } from "./binary.mjs";

const GLOBAL_GET = 0x23;
const I32_CONST = 0x41;
const I32_ADD = 0x6a;
const [FIRST_LOAD, LAST_LOAD] = [0x28, 0x35];
const EXPORTED = "names:";
const SYMBOL_TABLE = 8;
const [FUNCTION, DATA, GLOBAL, SECTION_SYMBOL, TAG, TABLE] = [0, 1, 2, 3, 4, 5];
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
const ABSOLUTE = 0x200;
const RELOCATION = { slotSleb: 1, slotI32: 2, addressLeb: 3, addressSleb: 4, addressI32: 5 };
const SLOTS = new Set([RELOCATION.slotSleb, RELOCATION.slotI32]);
const NUMBERS = new Set([RELOCATION.slotSleb, RELOCATION.addressSleb]);
const WITH_ADDEND = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25]);

/** The sections of a module: `{id, content}`, and of custom ones `{name, rest}`. */
function sectionsOf(bytes) {
  const reader = new Reader(bytes, 8);
  const sections = [];
  while (!reader.done()) {
    const id = reader.byte();
    const content = reader.take(reader.u32());
    const custom = new Reader(content);
    sections.push(id === SECTION.custom ? { id, content, name: custom.text(), rest: content.subarray(custom.at) } : { id, content });
  }
  return sections;
}

function signed(reader) {
  let [value, shift, byte] = [0, 0, 128];
  while (byte >= 128) {
    byte = reader.byte();
    value += (byte & 127) * 2 ** shift;
    shift += 7;
  }
  return byte & 64 ? value - 2 ** shift : value;
}

function symbol(reader) {
  const [kind, flags] = [reader.byte(), reader.u32()];
  const isDefined = !(flags & UNDEFINED);
  if (kind === DATA) {
    const name = reader.text();
    return { kind, name, ...(isDefined ? { segment: reader.u32(), offset: reader.u32(), size: reader.u32(), isAbsolute: flags & ABSOLUTE } : {}) };
  }
  if (![FUNCTION, GLOBAL, SECTION_SYMBOL, TAG, TABLE].includes(kind)) throw new Error(`a symbol of kind ${kind}`);
  reader.u32();
  if (kind !== SECTION_SYMBOL && (isDefined || flags & EXPLICIT_NAME)) reader.text();
  return { kind };
}

function symbolsOf(content) {
  const reader = new Reader(content);
  reader.u32();
  while (!reader.done()) {
    const kind = reader.byte();
    const part = new Reader(reader.take(reader.u32()));
    if (kind === SYMBOL_TABLE) return part.list(symbol);
  }
  return [];
}

function relocationsOf(content) {
  const reader = new Reader(content);
  reader.u32();
  return reader.list((r) => {
    const [type, offset, index] = [r.byte(), r.u32(), r.u32()];
    return { type, offset, index, addend: WITH_ADDEND.has(type) ? signed(r) : 0 };
  }).sort((a, b) => a.offset - b.offset);
}

/** Stretches of data that are moved as one: symbols, and what they share bytes with. */
function blocksOf(symbols, segments) {
  const ranges = symbols.filter(({ kind, size, isAbsolute }) => kind === DATA && size && !isAbsolute)
    .map(({ segment, offset, size }) => ({ from: segments[segment].address + offset, to: segments[segment].address + offset + size }))
    .sort((a, b) => a.from - b.from);
  const blocks = [];
  for (const { from, to } of ranges) {
    const last = blocks.at(-1);
    if (last && from < last.to) last.to = Math.max(last.to, to);
    else blocks.push({ from, to, key: `data ${from}`, names: new Set() });
  }
  return blocks;
}

/** The stretch that holds an address; nothing if none does. */
function blockAt(blocks, address) {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].to <= address) low = middle + 1;
    else high = middle;
  }
  return blocks[low]?.from <= address ? blocks[low] : undefined;
}

/** Reads what names what; nothing if the linker wrote nothing down. */
function notesOf(bytes) {
  const sections = sectionsOf(bytes);
  const custom = (name) => sections.find((section) => section.name === name)?.rest;
  const [linking, ofCode, ofData] = ["linking", "reloc.CODE", "reloc.DATA"].map(custom);
  if (!linking || !ofCode || !ofData) return undefined;
  const segments = readModule(bytes)[SECTION.data];
  const symbols = symbolsOf(linking);
  const blocks = blocksOf(symbols, segments);
  const slots = new Map();
  const slot = (number) => {
    if (!slots.has(number)) slots.set(number, { slot: number, key: `slot ${number}`, names: new Set() });
    return slots.get(number);
  };
  /** What a note says is named: a number, and what it stands for if that can move. */
  const target = ({ type, index, addend }, written) => {
    if (SLOTS.has(type)) return { number: written, thing: written ? slot(written) : undefined };
    const named = symbols[index];
    if (named.kind !== DATA || named.segment === undefined || named.isAbsolute) return undefined;
    const start = segments[named.segment].address + named.offset;
    return { number: start + addend, thing: named.size ? blockAt(blocks, start) : undefined };
  };
  return { sections, blocks, slots, target, ofCode: relocationsOf(ofCode), ofData: relocationsOf(ofData) };
}

/** Where each segment's bytes lie in the data section. */
function placesOf(content) {
  const reader = new Reader(content);
  return reader.list((r) => {
    if (r.u32() !== 0) throw new Error("data at no constant address");
    r.byte();
    const address = r.u32();
    r.byte();
    const length = r.u32();
    const at = r.at;
    r.take(length);
    return { at, length, address };
  });
}

/** What data names: fills the blocks' `names`, and gives what is named from outside of blocks. */
function noteData({ sections, blocks, target, ofData }) {
  const content = sections.find(({ id }) => id === SECTION.data).content;
  const places = placesOf(content);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const outside = new Set();
  for (const relocation of ofData.filter(({ type }) => [RELOCATION.addressI32, RELOCATION.slotI32].includes(type))) {
    const written = view.getUint32(relocation.offset, true);
    const named = target(relocation, written);
    if (!named) continue;
    if (written !== named.number) throw new Error("data names another address than its note");
    const place = places.find(({ at, length }) => relocation.offset >= at && relocation.offset < at + length);
    const holder = blockAt(blocks, place.address + relocation.offset - place.at);
    if (named.thing) (holder?.names ?? outside).add(named.thing);
  }
  return outside;
}

/**
 * How code names something: the instruction's start, the number, and what follows where a global is read instead;
 * nothing if a global cannot stand there.
 */
function namingOf(bytes, { type, offset }) {
  if (NUMBERS.has(type) && bytes[offset - 1] === I32_CONST) {
    return { from: offset - 1, number: signed(new Reader(bytes, offset)), then: [] };
  }
  const [opcode, align] = bytes.subarray(offset - 2, offset);
  if (type !== RELOCATION.addressLeb || opcode < FIRST_LOAD || opcode > LAST_LOAD) return undefined;
  return { from: offset - 2, number: new Reader(bytes, offset).u32(), then: [I32_ADD, opcode, align, 0] };
}

/** Rewrites the code: what it names becomes globals, which `globalOf` numbers. */
function rewritten({ sections, target, ofCode }, globalOf, keep) {
  const reader = new Reader(sections.find(({ id }) => id === SECTION.code).content);
  let next = 0;
  const bodies = reader.list((r) => {
    const length = r.u32();
    const [from, to] = [r.at, r.at + length];
    const parts = [];
    let at = from;
    for (; next < ofCode.length && ofCode[next].offset < to; next++) {
      const relocation = ofCode[next];
      if (relocation.type !== RELOCATION.addressLeb && !NUMBERS.has(relocation.type)) continue;
      const naming = namingOf(r.bytes, relocation);
      if (!naming && SLOTS.has(relocation.type)) throw new Error("code names a slot of the table in an unknown way");
      const named = target(relocation, naming?.number);
      if (!named?.thing) continue;
      if (!naming) {
        keep.add(named.thing);
        continue;
      }
      if (naming.number !== named.number) throw new Error("code names another address than its note");
      parts.push(r.bytes.subarray(at, naming.from), GLOBAL_GET, u32(globalOf(named)), naming.then);
      at = relocation.offset + 5;
    }
    parts.push(r.bytes.subarray(at, to));
    r.at = to;
    return concat(parts);
  });
  return concat(u32(bodies.length), bodies.map(sized));
}

function appended(content, items) {
  const reader = new Reader(content);
  const count = reader.u32();
  return concat(u32(count + items.length), content.subarray(reader.at), items);
}

/**
 * The module with globals for what its code names, and what is known: `{bytes, blocks, slots, keep}`, the last one of
 * what has to be there first; nothing if the linker wrote nothing down.
 */
export function withGlobals(bytes) {
  const notes = notesOf(bytes);
  if (!notes) return undefined;
  const own = readModule(bytes)[SECTION.global].length;
  const keep = noteData(notes);
  const globals = new Map();
  const globalOf = ({ number, thing }) => {
    const key = `${number}:${thing.key}`;
    if (!globals.has(key)) globals.set(key, { index: own + globals.size, number, key });
    return globals.get(key).index;
  };
  const code = rewritten(notes, globalOf, keep);
  const made = [...globals.values()];
  const contents = {
    [SECTION.code]: code,
    [SECTION.global]: (content) => appended(content, made.map(({ number }) => concat(0x7f, 1, I32_CONST, s32(number), 0x0b))),
    [SECTION.export]: (content) => appended(content,
      made.map(({ index, key }) => concat(text(`${EXPORTED}${key}`), 3, u32(index)))),
  };
  const isNote = ({ name }) => name === "linking" || name?.startsWith("reloc.");
  const sections = notes.sections.filter((section) => !isNote(section)).map(({ id, content }) => {
    const change = contents[id];
    return concat(id, sized(typeof change === "function" ? change(content) : change ?? content));
  });
  return { bytes: concat(bytes.subarray(0, 8), sections), blocks: notes.blocks, slots: [...notes.slots.values()], keep };
}

/** The globals that stand for numbers in a module: by index, `{number, key}` with the key of what is named. */
export function namingGlobals(module) {
  const pattern = new RegExp(`^${EXPORTED}(\\d+):(.*)$`);
  const found = module[SECTION.export].map(({ name, index }) => [index, name.match(pattern)]).filter(([, match]) => match);
  return new Map(found.map(([index, [, number, key]]) => [index, { number: Number(number), key }]));
}

/** The keys of what the parts up to `part` name, of lists by part. */
export function namedUpTo(named, part) {
  return new Set(named.slice(0, part + 1).flatMap((keys) => [...keys]));
}

/** What has to be there when code is that names the things with the keys `named`. */
export function needed({ blocks, slots, keep }, named) {
  const needed = new Set();
  const waiting = [...keep, ...[...blocks, ...slots].filter(({ key }) => named.has(key))];
  while (waiting.length) {
    const thing = waiting.pop();
    if (needed.has(thing)) continue;
    needed.add(thing);
    waiting.push(...thing.names);
  }
  return needed;
}
