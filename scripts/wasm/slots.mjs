// Slots of the function table: which part fills which.
import { Reader, SECTION, concat, s32 } from "./binary.mjs";
import { PAGE, PLAYER, REST } from "./parts.mjs";
import { namedUpTo, needed } from "./symbols.mjs";

const FUNCTION_TABLE = 0x70;
/** Slots in a row cost less than another segment. */
const GAP_MAX = 4;

/** The table of functions. */
export function tableIndexOf(module) {
  return module[SECTION.table].findIndex(({ type }) => type === FUNCTION_TABLE);
}

/** Every slot that the program fills, with its function, and the part that has to fill it. */
export function slottedFunctions({ module, imported, partOf }, named, symbols) {
  const parts = new Map();
  if (symbols) {
    symbols.slots.forEach(({ slot }) => parts.set(slot, REST));
    for (const part of [PAGE, PLAYER]) {
      needed(symbols, namedUpTo(named, part)).forEach(({ slot }) => slot !== undefined && parts.set(slot, part));
    }
  }
  return module[SECTION.element].flatMap(({ offset, functions }) => {
    const from = new Reader(offset, 1).u32();
    return functions.map((index, at) => {
      const firstNamed = parts.get(from + at) ?? PLAYER;
      // A function's own part may be loaded before.
      return { slot: from + at, index, part: index < imported ? firstNamed : Math.min(firstNamed, partOf[index - imported]) };
    });
  }).sort((a, b) => a.slot - b.slot);
}

/** Gives slots of the table to all functions that other parts call, part by part. */
export function addSlots(plan) {
  const table = plan.module[SECTION.table][plan.tableIndex];
  const numbers = [...plan.users.keys()].sort((a, b) => plan.partOf[a] - plan.partOf[b] || a - b);
  plan.slots = new Map(numbers.map((number, index) => [number, table.min + index]));
  table.min += numbers.length;
  if (table.max !== undefined) table.max = table.min;
}

/** The slots that a part fills: of its functions that others call, and those that are named from it on. */
export function segments(plan, part) {
  const own = [...plan.slots].filter(([number]) => plan.partOf[number] === part)
    .map(([number, slot]) => ({ slot, index: number + plan.imported }));
  const runs = [];
  for (const { slot, index } of [...plan.slotted.filter((one) => one.part === part), ...own]) {
    const last = runs.at(-1);
    const gap = last && slot - last.from - last.functions.length;
    // Slots of later parts hold anything until these are loaded: nobody names them before.
    if (gap > 0 && gap <= GAP_MAX && part === PLAYER) last.functions.push(...Array(gap).fill(index), index);
    else if (gap === 0) last.functions.push(index);
    else runs.push({ from: slot, functions: [index] });
  }
  return runs.map(({ from, functions }) => ({ table: plan.tableIndex, offset: concat(0x41, s32(from), 0x0b), functions }));
}
