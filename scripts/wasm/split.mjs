// Splits the page's WebAssembly module: into what a player runs, what a first visit of the page runs beyond that, and the
// rest, which is loaded later. Nothing in the source says what goes where: the build plays such visits and looks.
//
// All parts share the memory, the globals and the function table. A function that
// lives in another part is a trampoline through a slot of the table; an empty slot loads what is missing. A part is
// loaded after those before it.
import { KIND, SECTION, concat, readModule, s32, tableBytes, u32, writeModule } from "./binary.mjs";
import { splitData } from "./data.mjs";
import { OP, calledBy, decode, locals } from "./instructions.mjs";
import { Additions, outline } from "./outline.mjs";
import { PAGE, PARTS, PLAYER, REST } from "./parts.mjs";
import { rehearse } from "./rehearse.mjs";
import { addSlots, segments, slottedFunctions, tableIndexOf } from "./slots.mjs";
import { stretches, typesOf } from "./stretches.mjs";
import { namedUpTo, namingGlobals, needed } from "./symbols.mjs";

const I32 = 0x7f;
const NEVER_CALLED = concat(0, 0x00, 0x0b);
const MODULE_OF_FIRST = "first";

const LOADER = /load_rest/;

/** A module's functions with the stretches of code in them. */
function functionsOf(module, imported) {
  const indices = [...module[SECTION.import].map(({ type }) => type), ...module[SECTION.function]];
  const types = typesOf(module[SECTION.type], indices);
  return module[SECTION.code].map((body, number) => {
    const type = types.ofFunction(imported + number);
    const found = stretches(body, type, types);
    const first = locals(body).at;
    const starts = found.stretches.map((stretch) => found.instructions[stretch.first].from);
    return { body, type, ...found, first, points: [...new Set([first, ...starts])].sort((a, b) => a - b) };
  });
}

/** What the parts are made from: the module with cold code in functions of its own, and which part each is in. */
async function survey(bytes, page) {
  const module = readModule(bytes);
  const imports = module[SECTION.import];
  if (imports.some((entry) => entry.kind !== KIND.function)) throw new Error("imports other than functions");
  const functions = functionsOf(module, imports.length);
  const parts = await rehearse(module, functions, page);
  const partOf = functions.map(({ first }, number) => parts[number].get(first));
  const additions = new Additions(module, imports.length);
  functions.forEach((one, number) => {
    if (partOf[number] === REST) return;
    const partOfStretch = (stretch) => parts[number].get(one.instructions[stretch.first].from);
    const isLater = (stretch) => partOfStretch(stretch) > partOf[number];
    module[SECTION.code][number] = outline(one, isLater, (type, body, stretch) => {
      partOf.push(partOfStretch(stretch));
      return additions.add(type, body);
    });
  });
  const calls = module[SECTION.code].map((body) => [...calledBy(body)].map((index) => index - imports.length));
  return { module, additions, imported: imports.length, calls, partOf };
}

/** Functions that other parts than their own name, each with these parts; the first one has the exports. */
function crossings({ module, imported, calls, partOf, slotted }) {
  const users = new Map();
  const use = (number, part) => {
    if (number < 0 || partOf[number] === part) return;
    if (!users.has(number)) users.set(number, new Set());
    users.get(number).add(part);
  };
  calls.forEach((called, number) => called.forEach((other) => use(other, partOf[number])));
  const exported = module[SECTION.export].filter((entry) => entry.kind === KIND.function);
  exported.forEach(({ index }) => use(index - imported, PLAYER));
  slotted.forEach(({ index, part }) => use(index - imported, part));
  return users;
}

/** Calls the function in a slot; one of a later part is loaded before, with its part, if it is missing. */
function trampoline(plan, number, part) {
  const { module, tableIndex, filled, slots, partOf } = plan;
  const typeIndex = module[SECTION.function][number];
  const params = module[SECTION.type][typeIndex].params.map((_, index) => concat(0x20, u32(index)));
  const isLater = partOf[number] > part;
  const fill = isLater ? concat(0x41, s32(partOf[number]), 0x10, u32(filled[part])) : [];
  const place = concat(0x41, s32(slots.get(number)), fill);
  return concat(0, params, place, 0x11, u32(typeIndex), u32(tableIndex), 0x0b);
}

/** A function of a part that is given a slot and a later part's number, loads that if the slot is empty, gives the slot back. */
function addFilled(plan, load, part) {
  const [slot, wanted] = [concat(0x20, 0), concat(0x20, 1)];
  const fill = concat(slot, 0x25, u32(plan.tableIndex), 0xd1, 0x04, 0x40, wanted, 0x10, u32(load), 0x0b);
  const filled = plan.additions.add({ params: [I32, I32], results: [I32] }, concat(0, fill, slot, 0x0b));
  plan.calls.push([]);
  plan.partOf.push(part);
  return filled;
}

/** The bodies of one part: its own, trampolines to the others, nothing for what it never calls. */
function bodies(plan, part) {
  return plan.module[SECTION.code].map((body, number) => {
    if (plan.partOf[number] === part) return body;
    return plan.users.get(number)?.has(part) ? trampoline(plan, number, part) : NEVER_CALLED;
  });
}

const sharedNames = {
  function: (index) => `f${index}`,
  table: (index) => `t${index}`,
  global: (index) => `g${index}`,
  memory: "m",
};

// The first part gives the others all it shares with them.
function shared(module) {
  return [
    ...module[SECTION.import].map((_, index) => ({ name: sharedNames.function(index), kind: KIND.function, index })),
    ...module[SECTION.table].map((_, index) => ({ name: sharedNames.table(index), kind: KIND.table, index })),
    ...module[SECTION.global].map((_, index) => ({ name: sharedNames.global(index), kind: KIND.global, index })),
    { name: sharedNames.memory, kind: KIND.memory, index: 0 },
  ];
}

function sharedImports(module) {
  const entry = (name, kind, rest) => ({ module: MODULE_OF_FIRST, name, kind, ...rest });
  return [
    ...module[SECTION.import].map(({ type }, index) => entry(sharedNames.function(index), KIND.function, { type })),
    ...module[SECTION.table].map((table, index) =>
      entry(sharedNames.table(index), KIND.table, { bytes: tableBytes(table) })),
    ...module[SECTION.memory].map((bytes) => entry(sharedNames.memory, KIND.memory, { bytes })),
    ...module[SECTION.global].map(({ type }, index) =>
      entry(sharedNames.global(index), KIND.global, { bytes: type })),
  ];
}

/** Takes the globals that stand for numbers out of a module; gives what puts the numbers in their places. */
function withoutNamingGlobals(module) {
  const named = namingGlobals(module);
  const indices = module[SECTION.global].map((_, index) => index).filter((index) => !named.has(index));
  const indexOf = new Map(indices.map((index, number) => [index, number]));
  module[SECTION.export] = module[SECTION.export]
    .filter(({ kind, index }) => kind !== KIND.global || !named.has(index))
    .map((entry) => (entry.kind === KIND.global ? { ...entry, index: indexOf.get(entry.index) } : entry));
  module[SECTION.global] = indices.map((index) => module[SECTION.global][index]);
  return (body, name) => {
    const parts = [];
    let at = 0;
    for (const { opcode, global, from, to } of decode(body).filter((one) => one.global !== undefined)) {
      const thing = named.get(global);
      if (thing) name(thing.key);
      parts.push(body.subarray(at, from), thing ? concat(OP.i32Const, s32(thing.number)) : concat(opcode, u32(indexOf.get(global))));
      at = to;
    }
    return concat(parts, body.subarray(at));
  };
}

/** Which part each stretch of data goes to: the first one that needs it. */
function dataParts(symbols, named) {
  const sets = named.slice(0, REST).map((_, part) => needed(symbols, namedUpTo(named, part)));
  return symbols.blocks.map((block) => sets.filter((set) => !set.has(block)).length);
}

/** A part's functions without those it never calls, and what gives the others' new indices. */
function compacted({ module, imported }, code) {
  const numbers = code.map((_, number) => number).filter((number) => code[number] !== NEVER_CALLED);
  const indexOf = new Map(numbers.map((number, index) => [number + imported, index + imported]));
  const renumbered = (index) => (index < imported ? index : indexOf.get(index));
  const bodyOf = (body) => {
    const parts = [];
    let at = 0;
    for (const { opcode, callee, from, to } of decode(body).filter((one) => one.callee !== undefined)) {
      parts.push(body.subarray(at, from), opcode, u32(renumbered(callee)));
      at = to;
    }
    return concat(parts, body.subarray(at));
  };
  return {
    renumbered,
    [SECTION.function]: numbers.map((number) => module[SECTION.function][number]),
    [SECTION.code]: numbers.map((number) => bodyOf(code[number])),
  };
}

/** The module of one part. */
function partModule(plan, part, code, data) {
  const { module } = plan;
  const { renumbered, ...functions } = compacted(plan, code);
  const own = { ...functions, [SECTION.data]: data };
  const listed = (segment) => ({ ...segment, functions: segment.functions.map(renumbered) });
  if (part === PLAYER) {
    if (module.raw.has(SECTION.start)) throw new Error("a module that starts itself");
    const exported = (entry) => (entry.kind === KIND.function ? { ...entry, index: renumbered(entry.index) } : entry);
    return {
      ...module, ...own,
      [SECTION.export]: [...module[SECTION.export], ...shared(module)].map(exported),
      [SECTION.element]: segments(plan, part).map(listed),
    };
  }
  const none = [SECTION.table, SECTION.memory, SECTION.global, SECTION.export].map((id) => [id, []]);
  return {
    ...module, ...own, ...Object.fromEntries(none),
    raw: new Map(),
    [SECTION.import]: sharedImports(module),
    [SECTION.element]: segments(plan, part).map(listed),
  };
}

/**
 * Splits the module of a page, given as `{html, glue, symbols}`: its text, where its script is, and who names what (symbols.mjs).
 * Gives the bytes of the parts.
 */
export async function split(bytes, page) {
  const plan = await survey(bytes, page);
  const { module } = plan;
  const load = module[SECTION.import].findIndex(({ name }) => LOADER.test(name));
  if (load < 0) throw new Error("the module imports no function that loads the rest");
  plan.tableIndex = tableIndexOf(module);
  const numbered = withoutNamingGlobals(module);
  const named = PARTS.map(() => new Set());
  module[SECTION.code] = module[SECTION.code].map((body, number) => numbered(body, (key) => named[plan.partOf[number]].add(key)));
  plan.filled = [PLAYER, PAGE].map((part) => addFilled(plan, load, part));
  const { symbols } = page;
  plan.slotted = slottedFunctions(plan, named, symbols);
  plan.users = crossings(plan);
  addSlots(plan);
  const code = PARTS.map((part) => bodies(plan, part));
  const data = splitData(module[SECTION.data], symbols?.blocks ?? [], symbols ? dataParts(symbols, named) : [], PARTS.length);
  // Only instructions that copy data when the program runs need the count.
  module.raw.delete(SECTION.dataCount);
  return PARTS.map((part) => writeModule(partModule(plan, part, code[part], data[part])));
}
