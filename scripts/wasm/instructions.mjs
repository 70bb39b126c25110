// The instructions of a function body, as far as the splitter needs to understand them.
// https://webassembly.github.io/spec/core/binary/instructions.html
import { Reader } from "./binary.mjs";

export const OP = {
  unreachable: 0x00, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d,
  brTable: 0x0e, return: 0x0f, call: 0x10, callIndirect: 0x11, localGet: 0x20, localSet: 0x21,
  localTee: 0x22, globalGet: 0x23, globalSet: 0x24, tableGet: 0x25, i32Store8: 0x3a, i32Const: 0x41, i32Eq: 0x46, refIsNull: 0xd1,
  refFunc: 0xd2,
};
const VOID = 0x40;

// How many values an instruction takes from the stack and puts there, by ranges of opcodes.
const EFFECTS = [
  [0x01, 0x01, 0, 0], [0x1a, 0x1a, 1, 0], [0x1b, 0x1c, 3, 1], [0x20, 0x20, 0, 1], [0x21, 0x21, 1, 0],
  [0x22, 0x22, 1, 1], [0x23, 0x23, 0, 1], [0x24, 0x24, 1, 0], [0x25, 0x25, 1, 1], [0x26, 0x26, 2, 0],
  [0x28, 0x35, 1, 1], [0x36, 0x3e, 2, 0], [0x3f, 0x3f, 0, 1], [0x40, 0x40, 1, 1], [0x41, 0x44, 0, 1],
  [0x45, 0x45, 1, 1], [0x46, 0x4f, 2, 1], [0x50, 0x50, 1, 1], [0x51, 0x66, 2, 1], [0x67, 0x69, 1, 1],
  [0x6a, 0x78, 2, 1], [0x79, 0x7b, 1, 1], [0x7c, 0x8a, 2, 1], [0x8b, 0x91, 1, 1], [0x92, 0x98, 2, 1],
  [0x99, 0x9f, 1, 1], [0xa0, 0xa6, 2, 1], [0xa7, 0xc4, 1, 1], [0xd0, 0xd0, 0, 1], [0xd1, 0xd1, 1, 1],
  [0xd2, 0xd2, 0, 1],
];
const EFFECT = new Map(EFFECTS.flatMap(([from, to, pops, pushes]) =>
  Array.from({ length: to - from + 1 }, (_, index) => [from + index, [pops, pushes]])));

// After 0xfc: the number of immediates, values taken, values put.
const EXTENDED = [
  ...Array(8).fill([0, 1, 1]), [2, 3, 0], [1, 0, 0], [2, 3, 0], [1, 3, 0], [2, 3, 0], [1, 0, 0], [2, 3, 0],
  [1, 2, 1], [1, 0, 1], [1, 3, 0],
];

/** Where the instructions begin, and the types of the declared locals. */
export function locals(body) {
  const reader = new Reader(body);
  const types = [];
  for (let groups = reader.u32(); groups > 0; groups--) {
    const count = reader.u32();
    const type = reader.byte();
    for (let index = 0; index < count; index++) types.push(type);
  }
  return { types, at: reader.at };
}

function blockType(reader) {
  const from = reader.at;
  const byte = reader.bytes[from];
  reader.skipLeb();
  if (byte === VOID) return { params: 0, results: [] };
  if (byte >= 0x60 && byte < 0x80) return { params: 0, results: [byte] };
  return { typeIndex: new Reader(reader.bytes, from).u32() };
}

function immediates(reader, opcode) {
  if (opcode >= 0x28 && opcode <= 0x3e) {
    reader.skipLeb();
    reader.skipLeb();
    return {};
  }
  switch (opcode) {
    case OP.block: case OP.loop: case OP.if:
      return { blockType: blockType(reader) };
    case OP.br: case OP.brIf:
      return { labels: [reader.u32()] };
    case OP.brTable:
      return { labels: [...reader.list((r) => r.u32()), reader.u32()] };
    case OP.call: case OP.refFunc:
      return { callee: reader.u32() };
    case OP.callIndirect: {
      const typeIndex = reader.u32();
      reader.skipLeb();
      return { typeIndex };
    }
    case OP.localGet: case OP.localSet: case OP.localTee:
      return { local: reader.u32() };
    case 0x1c:
      reader.list((r) => r.byte());
      return {};
    case OP.globalGet: case OP.globalSet:
      return { global: reader.u32() };
    case 0x25: case 0x26: case 0x3f: case 0x40: case 0x41: case 0x42: case 0xd0:
      reader.skipLeb();
      return {};
    case 0x43: case 0x44:
      reader.take(opcode === 0x43 ? 4 : 8);
      return {};
    case 0xfc: {
      const [count, ...effect] = EXTENDED[reader.u32()];
      for (let index = 0; index < count; index++) reader.skipLeb();
      return { effect };
    }
    default:
      return {};
  }
}

/** The instructions of a body: `{opcode, from, to}` with what they name. */
export function decode(body) {
  const reader = new Reader(body, locals(body).at);
  const instructions = [];
  while (!reader.done()) {
    const from = reader.at;
    const opcode = reader.byte();
    const named = immediates(reader, opcode);
    instructions.push({ opcode, from, to: reader.at, ...named });
  }
  return instructions;
}

/** How many values an instruction that is no block and no jump takes and puts; `types` knows the callees. */
export function effect(instruction, types) {
  if (instruction.effect) return instruction.effect;
  if (instruction.opcode === OP.call) {
    const type = types.ofFunction(instruction.callee);
    return [type.params.length, type.results.length];
  }
  if (instruction.opcode === OP.callIndirect) {
    const type = types.at(instruction.typeIndex);
    return [type.params.length + 1, type.results.length];
  }
  const known = EFFECT.get(instruction.opcode);
  if (!known) throw new Error(`instruction 0x${instruction.opcode.toString(16)} is not known here`);
  return known;
}

/** The indices of the functions that a body calls or takes a reference of. */
export function calledBy(body) {
  return new Set(decode(body).flatMap(({ callee }) => (callee === undefined ? [] : [callee])));
}
