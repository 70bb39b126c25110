// Reads and writes WebAssembly modules section by section, as far as the splitter needs them.
// https://webassembly.github.io/spec/core/binary/

export const SECTION = {
  custom: 0, type: 1, import: 2, function: 3, table: 4, memory: 5, global: 6,
  export: 7, start: 8, element: 9, code: 10, data: 11, dataCount: 12,
};
export const KIND = { function: 0, table: 1, memory: 2, global: 3 };

/** A cursor over bytes. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  byte() {
    return this.bytes[this.at++];
  }
  /** An unsigned LEB128 number of at most 32 bits. */
  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }
  /** Skips any LEB128 number. */
  skipLeb() {
    while (this.byte() >= 128);
  }
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  text() {
    return new TextDecoder().decode(this.take(this.u32()));
  }
  list(item) {
    return Array.from({ length: this.u32() }, () => item(this));
  }
  /** What `read` passes over, as bytes. */
  span(read) {
    const from = this.at;
    read(this);
    return this.bytes.subarray(from, this.at);
  }
  done() {
    return this.at >= this.bytes.length;
  }
}

export function u32(value) {
  const bytes = [];
  do {
    const more = value >= 128;
    bytes.push((value % 128) + (more ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return Uint8Array.from(bytes);
}

/** A signed LEB128 number, as `i32.const` takes it; for what is never negative. */
export function s32(value) {
  const bytes = [];
  for (;;) {
    const low = value % 128;
    value = Math.floor(value / 128);
    if (value === 0 && low < 64) return Uint8Array.from([...bytes, low]);
    bytes.push(low + 128);
  }
}

export function concat(...parts) {
  const flat = parts.flat(Infinity).map((part) => (typeof part === "number" ? [part] : part));
  const joined = new Uint8Array(flat.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of flat) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export const vector = (items) => concat(u32(items.length), items);
export const sized = (bytes) => concat(u32(bytes.length), bytes);
export const text = (value) => sized(new TextEncoder().encode(value));

function limits(reader) {
  const flags = reader.byte();
  reader.u32();
  if (flags & 1) reader.u32();
}

function table(reader) {
  const type = reader.byte();
  const hasMax = reader.byte() & 1;
  return { type, min: reader.u32(), max: hasMax ? reader.u32() : undefined };
}

// Lists of functions at a constant place, as linkers write them.
function elementSegment(reader) {
  const flags = reader.u32();
  if (flags !== 0 && flags !== 2) throw new Error(`an element segment of kind ${flags}`);
  const inTable = flags === 2 ? reader.u32() : 0;
  const offset = reader.span(constantExpression);
  if (flags === 2) reader.byte();
  return { table: inTable, offset, functions: reader.list((r) => r.u32()) };
}

// Bytes at a constant address of the only memory.
function dataSegment(reader) {
  if (reader.u32() !== 0 || reader.byte() !== 0x41) throw new Error("data at no constant address");
  const address = reader.u32();
  if (reader.byte() !== 0x0b) throw new Error("data at no constant address");
  return { address, bytes: reader.take(reader.u32()) };
}

function constantExpression(reader) {
  for (;;) {
    const opcode = reader.byte();
    if (opcode === 0x0b) return;
    if (opcode === 0x43) reader.take(4);
    else if (opcode === 0x44) reader.take(8);
    else if ([0x41, 0x42, 0x23, 0xd0, 0xd2].includes(opcode)) reader.skipLeb();
    else throw new Error(`constant expression with opcode 0x${opcode.toString(16)}`);
  }
}

function importEntry(reader) {
  const module = reader.text();
  const name = reader.text();
  const kind = reader.byte();
  if (kind === KIND.function) return { module, name, kind, type: reader.u32() };
  if (kind === KIND.global) return { module, name, kind, bytes: reader.span((r) => r.take(2)) };
  if (kind === KIND.memory) return { module, name, kind, bytes: reader.span(limits) };
  return { module, name, kind, bytes: reader.span((r) => (r.byte(), limits(r))) };
}

function functionType(reader) {
  if (reader.byte() !== 0x60) throw new Error("a type that is no function type");
  return { params: [...reader.take(reader.u32())], results: [...reader.take(reader.u32())] };
}

const readers = {
  [SECTION.type]: (r) => r.list(functionType),
  [SECTION.import]: (r) => r.list(importEntry),
  [SECTION.function]: (r) => r.list((s) => s.u32()),
  [SECTION.table]: (r) => r.list(table),
  [SECTION.memory]: (r) => r.list((s) => s.span(limits)),
  [SECTION.global]: (r) => r.list((s) => ({
    type: s.take(2), init: s.span(constantExpression),
  })),
  [SECTION.export]: (r) => r.list((s) => ({ name: s.text(), kind: s.byte(), index: s.u32() })),
  [SECTION.element]: (r) => r.list(elementSegment),
  [SECTION.code]: (r) => r.list((s) => s.take(s.u32())),
  [SECTION.data]: (r) => r.list(dataSegment),
};

/** The names of the functions, by index. */
function functionNames(reader) {
  const names = new Map();
  while (!reader.done()) {
    const kind = reader.byte();
    const part = new Reader(reader.take(reader.u32()));
    if (kind === 1) part.list((r) => names.set(r.u32(), r.text()));
  }
  return names;
}

/** Reads a module: `raw` sections as bytes, and those that the splitter changes as lists. */
export function readModule(bytes) {
  const reader = new Reader(bytes, 8);
  const module = { raw: new Map(), names: new Map() };
  for (const id of Object.values(SECTION)) if (readers[id]) module[id] = [];
  while (!reader.done()) {
    const id = reader.byte();
    const content = reader.take(reader.u32());
    if (id === SECTION.custom) {
      const custom = new Reader(content);
      if (custom.text() === "name") module.names = functionNames(custom);
    } else if (readers[id]) {
      module[id] = readers[id](new Reader(content));
    } else {
      module.raw.set(id, content);
    }
  }
  return module;
}

export function tableBytes({ type, min, max }) {
  return max === undefined ? concat(type, 0, u32(min)) : concat(type, 1, u32(min), u32(max));
}

const writers = {
  [SECTION.type]: (type) => concat(0x60, vector(type.params), vector(type.results)),
  [SECTION.import]: (entry) => concat(
    text(entry.module), text(entry.name), entry.kind,
    entry.kind === KIND.function ? u32(entry.type) : entry.bytes,
  ),
  [SECTION.function]: u32,
  [SECTION.table]: tableBytes,
  [SECTION.memory]: (bytes) => bytes,
  [SECTION.global]: (global) => concat(global.type, global.init),
  [SECTION.export]: (entry) => concat(text(entry.name), entry.kind, u32(entry.index)),
  [SECTION.element]: (segment) => concat(
    2, u32(segment.table), segment.offset, 0, vector(segment.functions.map(u32)),
  ),
  [SECTION.code]: sized,
  [SECTION.data]: ({ address, bytes }) => concat(0, 0x41, s32(address), 0x0b, sized(bytes)),
};

const ORDER = ["type", "import", "function", "table", "memory", "global", "export", "start",
  "element", "dataCount", "code", "data"];

/** The bytes of a module as `readModule` gives it; names are left out. */
export function writeModule(module) {
  const sections = ORDER.map((name) => SECTION[name]).map((id) => {
    if (!writers[id]) return module.raw.has(id) ? concat(id, sized(module.raw.get(id))) : [];
    return module[id].length ? concat(id, sized(vector(module[id].map(writers[id])))) : [];
  });
  return concat([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], sections);
}
