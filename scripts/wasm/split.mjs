// Splits the page's WebAssembly module in two: what nearly every visit runs, and the rest, which is loaded
// when it is first needed (src/ui/effect/rest.js). Nothing in the source says what goes where: the
// build plays the first minutes of a visit and looks.
//
// Both parts share the memory, the globals and the function table, and number their functions alike. A
// function that lives in the other part is a trampoline through a slot of the table; in the first part an
// empty slot loads the rest.
import { KIND, SECTION, concat, readModule, s32, tableBytes, u32, writeModule } from "./binary.mjs";
import { splitData } from "./data.mjs";
import { calledBy, locals } from "./instructions.mjs";
import { Additions, outline } from "./outline.mjs";
import { rehearse } from "./rehearse.mjs";
import { stretches, typesOf } from "./stretches.mjs";

const I32 = 0x7f;
const FUNCTION_TABLE = 0x70;
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

/** What both parts are made from: the module with cold code in functions of its own, and who belongs where. */
async function survey(bytes, page) {
  const module = readModule(bytes);
  const imports = module[SECTION.import];
  if (imports.some((entry) => entry.kind !== KIND.function)) throw new Error("imports other than functions");
  const functions = functionsOf(module, imports.length);
  const ran = await rehearse(module, functions, page);
  const hasRun = functions.map(({ first }, number) => ran[number].has(first));
  const additions = new Additions(module, imports.length);
  functions.forEach((one, number) => {
    if (!hasRun[number]) return;
    const neverRan = (stretch) => !ran[number].has(one.instructions[stretch.first].from);
    module[SECTION.code][number] = outline(one, neverRan, (type, body) => additions.add(type, body));
  });
  const calls = module[SECTION.code].map((body) => [...calledBy(body)].map((index) => index - imports.length));
  return { module, additions, imported: imports.length, calls, isFirst: calls.map((_, number) => Boolean(hasRun[number])) };
}

/** Numbers of the functions that one part calls in the other. */
function calledAcross({ calls, isFirst }, fromFirst) {
  const across = new Set();
  calls.forEach((called, number) => {
    if (isFirst[number] !== fromFirst) return;
    for (const other of called) if (other >= 0 && isFirst[other] !== fromFirst) across.add(other);
  });
  return across;
}

/** Functions of the rest that the first part names: in calls, in its table, in its exports. */
function neededOfRest(plan) {
  const { module, imported, isFirst } = plan;
  const named = [
    ...module[SECTION.export].filter((entry) => entry.kind === KIND.function).map((entry) => entry.index),
    ...module[SECTION.element].flatMap((segment) => segment.functions),
  ].map((index) => index - imported);
  return [...new Set([...calledAcross(plan, true), ...named.filter((number) => number >= 0 && !isFirst[number])])];
}

/** Calls the function in a slot; in the first part (`load`) an empty slot is filled before. */
function trampoline(plan, number, slot, isInFirst) {
  const { module, tableIndex, filled } = plan;
  const typeIndex = module[SECTION.function][number];
  const params = module[SECTION.type][typeIndex].params.map((_, index) => concat(0x20, u32(index)));
  const place = concat(0x41, s32(slot), isInFirst ? concat(0x10, u32(filled)) : []);
  return concat(0, params, place, 0x11, u32(typeIndex), u32(tableIndex), 0x0b);
}

/** A function that loads the rest if the slot it is given is empty, and gives the slot back. */
function addFilled(plan, additions, load) {
  const place = concat(0x20, 0);
  const fill = concat(0x25, u32(plan.tableIndex), 0xd1, 0x04, 0x40, 0x10, u32(load), 0x0b);
  const filled = additions.add({ params: [I32], results: [I32] }, concat(0, place, fill, place, 0x0b));
  plan.calls.push([]);
  plan.isFirst.push(true);
  return filled;
}

/** The bodies of one part: its own, trampolines to the other, nothing for what it never calls. */
function bodies(plan, isHere, slots, isInFirst) {
  return plan.module[SECTION.code].map((body, number) => {
    if (isHere(number)) return body;
    return slots.has(number) ? trampoline(plan, number, slots.get(number), isInFirst) : NEVER_CALLED;
  });
}

function segment(plan, slots) {
  const functions = [...slots.keys()].map((number) => number + plan.imported);
  const [start] = slots.values();
  return { table: plan.tableIndex, offset: concat(0x41, s32(start), 0x0b), functions };
}

const sharedNames = {
  function: (index) => `f${index}`,
  table: (index) => `t${index}`,
  global: (index) => `g${index}`,
  memory: "m",
};

// The first part gives the rest all it shares with it.
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

function slotsFrom(first, numbers) {
  return new Map(numbers.map((number, index) => [number, first + index]));
}

/** Splits the module of a page, given as `{html, glue, texts}` (its text, where its script is, what the rest holds); gives the bytes of both parts. */
export async function split(bytes, page) {
  const plan = await survey(bytes, page);
  const { module, isFirst } = plan;
  const load = module[SECTION.import].findIndex(({ name }) => LOADER.test(name));
  if (load < 0) throw new Error("the module imports no function that loads the rest");
  plan.tableIndex = module[SECTION.table].findIndex(({ type }) => type === FUNCTION_TABLE);
  plan.filled = addFilled(plan, plan.additions, load);
  const table = module[SECTION.table][plan.tableIndex];
  const toRest = slotsFrom(table.min, neededOfRest(plan));
  const toFirst = slotsFrom(table.min + toRest.size, [...calledAcross(plan, false)]);
  table.min += toRest.size + toFirst.size;
  if (table.max !== undefined) table.max = table.min;

  const data = splitData(module[SECTION.data], page.texts);
  // Only instructions that copy data when the program runs need the count.
  module.raw.delete(SECTION.dataCount);
  const first = {
    ...module,
    [SECTION.export]: [...module[SECTION.export], ...shared(module)],
    [SECTION.element]: [...module[SECTION.element], segment(plan, toFirst)],
    [SECTION.code]: bodies(plan, (number) => isFirst[number], toRest, true),
    [SECTION.data]: data.first,
  };
  const rest = {
    ...module,
    raw: new Map(),
    [SECTION.import]: sharedImports(module),
    [SECTION.table]: [],
    [SECTION.memory]: [],
    [SECTION.global]: [],
    [SECTION.export]: [],
    [SECTION.element]: [segment(plan, toRest)],
    [SECTION.code]: bodies(plan, (number) => !isFirst[number], toFirst, false),
    [SECTION.data]: data.rest,
  };
  return { first: writeModule(first), rest: writeModule(rest) };
}
