// Makes functions of stretches of code that never ran, so that they can go into the second part: each gets the
// locals it names, gives back those it sets, and says by a number how control goes on.
import { SECTION, concat, s32, u32 } from "./binary.mjs";
import { OP, locals } from "./instructions.mjs";

const I32 = 0x7f;
const FUNCREF = 0x70;
const ZERO = new Map([[0x7f, [0x41, 0]], [0x7e, [0x42, 0]], [0x7d, [0x43, 0, 0, 0, 0]], [0x7c, [0x44, 0, 0, 0, 0, 0, 0, 0, 0]]]);
// A call with its arguments must be smaller than what it replaces.
const BYTES_MIN = 30;
const BYTES_PER_LOCAL = 2;
const BYTES_PER_EXIT = 7;

/** Where control may go from a stretch: `{target, values}`; a target is a label's depth, "return" or "through". */
function exitsOf(stretch, instructions, returns) {
  const exits = new Map();
  const add = (target, values) => exits.set(target, { target, values, number: exits.size });
  if (stretch.fallsThrough) add("through", stretch.results);
  let nest = 0;
  for (let index = stretch.first; index <= stretch.last; index++) {
    const { opcode, labels } = instructions[index];
    if (opcode === OP.block || opcode === OP.loop || opcode === OP.if) nest += 1;
    if (opcode === OP.end) nest -= 1;
    if (opcode === OP.return) add("return", returns);
    for (const label of new Set(labels ?? [])) {
      const depth = label - nest;
      // The outermost label is the function's own: a branch there returns.
      if (depth < 0 || exits.has(depth)) continue;
      const values = stretch.labels[depth];
      if (values === undefined || (opcode === OP.brTable && values.length)) return null;
      add(depth, values);
    }
  }
  const all = [...exits.values()];
  return all.every(({ values }) => values.length <= 1 && values.every((type) => ZERO.has(type))) ? exits : null;
}

function localsOf(stretch, instructions) {
  const named = new Set();
  const set = new Set();
  for (let index = stretch.first; index <= stretch.last; index++) {
    const { opcode, local } = instructions[index];
    if (local === undefined) continue;
    named.add(local);
    if (opcode !== OP.localGet) set.add(local);
  }
  const sorted = (locals) => [...locals].sort((a, b) => a - b);
  return { named: sorted(named), set: sorted(set) };
}

/** The body of the new function. */
class Outlined {
  constructor(stretch, instructions, body, plan) {
    Object.assign(this, plan, { stretch, instructions, body, nest: 0 });
    this.index = new Map(this.named.map((local, index) => [local, index]));
    // Behind the arguments: which exit, a spare, and a place for each type of value.
    this.exitLocal = this.named.length;
    this.spare = this.exitLocal + 1;
    this.valueLocal = new Map(this.valueTypes.map((type, index) => [type, this.spare + 1 + index]));
  }

  bytes() {
    const { first, last, fallsThrough, results } = this.stretch;
    const code = [];
    for (let index = first; index <= last; index++) code.push(this.instruction(this.instructions[index]));
    if (fallsThrough) code.push(results.map((type) => this.keep(type)));
    const groups = [concat(2, I32), ...this.valueTypes.map((type) => concat(1, type))];
    const results_ = concat(
      this.valueTypes.map((type) => concat(0x20, u32(this.valueLocal.get(type)))),
      this.hasNumber ? concat(0x20, u32(this.exitLocal)) : [],
      this.returned.map((local) => concat(0x20, u32(this.index.get(local)))),
    );
    // What never ends needs no results.
    const tail = this.exits.size ? results_ : Uint8Array.of(OP.unreachable);
    return concat(u32(groups.length), groups, OP.block, 0x40, code, OP.end, tail, OP.end);
  }

  keep(type) {
    return concat(OP.localSet, u32(this.valueLocal.get(type)));
  }

  // Leaves by an exit whose value, if any, is on the stack.
  leave(target, extraNest = 0) {
    const { values, number } = this.exits.get(target);
    const say = this.hasNumber ? concat(OP.i32Const, s32(number), OP.localSet, u32(this.exitLocal)) : [];
    return concat(values.map((type) => this.keep(type)), say, OP.br, u32(this.nest + extraNest));
  }

  instruction(instruction) {
    const { opcode, from, to, local } = instruction;
    if (local !== undefined) return concat(opcode, u32(this.index.get(local)));
    if (opcode === OP.block || opcode === OP.loop || opcode === OP.if) this.nest += 1;
    if (opcode === OP.end) this.nest -= 1;
    if (opcode === OP.return) return this.leave("return");
    const outer = (instruction.labels ?? []).some((label) => label >= this.nest);
    if (!outer) return this.body.subarray(from, to);
    if (opcode === OP.br) return this.leave(instruction.labels[0] - this.nest);
    return opcode === OP.brIf ? this.leaveIf(instruction.labels[0] - this.nest) : this.table(instruction.labels);
  }

  leaveIf(target) {
    const { values } = this.exits.get(target);
    const leave = (values_) => concat(OP.if, 0x40, values_, this.leave(target, 1), OP.end);
    if (!values.length) return leave([]);
    const place = u32(this.valueLocal.get(values[0]));
    const spare = u32(this.spare);
    return concat(OP.localSet, spare, OP.localTee, place, OP.localGet, spare, leave(concat(OP.localGet, place)));
  }

  // Outer labels become blocks around the table, each leaving by its exit.
  table(labels) {
    const targets = [...new Set(labels.filter((label) => label >= this.nest))].map((label) => label - this.nest);
    const around = targets.length;
    const inner = labels.map((label) =>
      (label < this.nest ? label + around : targets.indexOf(label - this.nest)));
    const jump = concat(
      OP.localGet, u32(this.spare), OP.brTable,
      u32(inner.length - 1), inner.slice(0, -1).map(u32), u32(inner.at(-1)), OP.end,
    );
    const leaves = targets.map((target, index) =>
      concat(this.leave(target, around - 1 - index), index < around - 1 ? OP.end : []));
    return concat(OP.localSet, u32(this.spare), targets.map(() => concat(OP.block, 0x40)), jump, leaves);
  }
}

/** What stands in the old place: the call, and the ways on. */
function callSite(plan, callee, extraLocal) {
  const numberLocal = plan.hasNumber ? extraLocal(I32) : undefined;
  const valueLocals = new Map(plan.valueTypes.map((type) => [type, extraLocal(type)]));
  const set = (local) => concat(OP.localSet, u32(local));
  const results = [
    plan.returned.map(set).reverse(),
    plan.hasNumber ? set(numberLocal) : [],
    [...valueLocals.values()].map(set).reverse(),
  ];
  const go = ({ target, values }, nest) => {
    const value = values.map((type) => concat(OP.localGet, u32(valueLocals.get(type))));
    if (target === "through") return concat(value);
    return target === "return" ? concat(value, OP.return) : concat(value, OP.br, u32(target + nest));
  };
  // Going through comes last, since nothing is to be done for it.
  const exits = [...plan.exits.values()].sort((a, b) => (a.target === "through") - (b.target === "through"));
  const last = exits.pop();
  const ways = exits.map((exit) => concat(
    OP.localGet, u32(numberLocal), OP.i32Const, s32(exit.number), OP.i32Eq, OP.if, 0x40, go(exit, 1), OP.end,
  ));
  return concat(
    plan.named.map((local) => concat(OP.localGet, u32(local))), OP.call, u32(callee), results, ways,
    last ? go(last, 0) : OP.unreachable,
  );
}

function planOf(stretch, instructions, localTypes, returns) {
  const length = instructions[stretch.last].to - instructions[stretch.first].from;
  if (length < BYTES_MIN) return null;
  const exits = exitsOf(stretch, instructions, returns);
  if (!exits) return null;
  const { named, set } = localsOf(stretch, instructions);
  if (named.some((local) => localTypes[local] === FUNCREF || !ZERO.has(localTypes[local]))) return null;
  // Nobody looks at the locals of a function that has returned.
  const goesOn = [...exits.keys()].some((target) => target !== "return");
  const returned = goesOn ? set : [];
  const cost = BYTES_PER_LOCAL * (named.length + returned.length) + BYTES_PER_EXIT * exits.size;
  if (cost + BYTES_MIN > length) return null;
  const valueTypes = [...new Set([...exits.values()].flatMap(({ values }) => values))];
  return { exits, named, returned, valueTypes, hasNumber: exits.size > 1 };
}

/** The outermost of the stretches that leave, in order. */
function outermost(stretches, leaves) {
  const cold = stretches.filter(leaves).sort((a, b) => a.first - b.first || b.last - a.last);
  let end = -1;
  return cold.filter((stretch) => {
    if (stretch.first <= end) return false;
    end = stretch.last;
    return true;
  });
}

/**
 * Moves stretches that leave out of a function. `add(type, body, stretch)` takes a new function and gives its index;
 * gives the function's new body.
 */
export function outline({ body, type, instructions, stretches }, leaves, add) {
  const declared = locals(body);
  const localTypes = [...type.params, ...declared.types];
  const extra = [];
  const extraLocal = (valueType) => localTypes.length + extra.push(valueType) - 1;
  const parts = [];
  let at = declared.at;
  for (const stretch of outermost(stretches, leaves)) {
    const plan = planOf(stretch, instructions, localTypes, type.results);
    if (!plan) continue;
    const results = plan.exits.size
      ? [...plan.valueTypes, ...(plan.hasNumber ? [I32] : []), ...plan.returned.map((local) => localTypes[local])] : [];
    const params = plan.named.map((local) => localTypes[local]);
    const callee = add({ params, results }, new Outlined(stretch, instructions, body, plan).bytes(), stretch);
    parts.push(body.subarray(at, instructions[stretch.first].from), callSite(plan, callee, extraLocal));
    at = instructions[stretch.last].to;
  }
  if (!parts.length) return body;
  const groups = [...declared.types, ...extra].map((valueType) => concat(1, valueType));
  return concat(u32(groups.length), groups, parts, body.subarray(at));
}

/** Adds types and functions to a module, each type once. */
export class Additions {
  constructor(module, imported) {
    this.module = module;
    this.imported = imported;
    this.types = new Map(module[SECTION.type].map((type, index) => [JSON.stringify(type), index]));
  }

  typeIndex(type) {
    const key = JSON.stringify(type);
    if (!this.types.has(key)) this.types.set(key, this.module[SECTION.type].push(type) - 1);
    return this.types.get(key);
  }

  add(type, body) {
    this.module[SECTION.function].push(this.typeIndex(type));
    return this.imported + this.module[SECTION.code].push(body) - 1;
  }
}
