// Stretches of a function body that control enters at their first instruction only, and that end where their
// block ends: what lies behind a conditional branch, in an arm of a condition, behind a block.
import { OP, decode, effect } from "./instructions.mjs";

/** Types by index, and of functions by index. */
export function typesOf(module, functionTypeIndices) {
  return {
    at: (index) => module[index],
    ofFunction: (index) => module[functionTypeIndices[index]],
  };
}

function shape(blockType, types) {
  if (blockType.typeIndex === undefined) return blockType;
  const { params, results } = types.at(blockType.typeIndex);
  return { params: params.length, results };
}

/**
 * The stretches of a body, and its instructions. A stretch is `{first, last, labels, results, fallsThrough}`:
 * numbers of its instructions (without the `end`), the labels around it from the inside out as lists of value types, the
 * values it leaves, and whether control reaches its end.
 */
export function stretches(body, type, types) {
  const instructions = decode(body);
  const found = [];
  const frames = [];
  let height = 0;
  let isDead = false;
  const enter = (first, { params, results }, isLoop) => {
    frames.push({ base: height - params, params, results, label: isLoop ? null : results, points: [first], wasDead: isDead });
  };
  // A stretch begins where its block has nothing on the stack.
  const point = (first) => {
    const frame = frames.at(-1);
    if (!isDead && frame && height === frame.base) frame.points.push(first);
  };
  const close = (end) => {
    const frame = frames.at(-1);
    const labels = frames.map(({ label, params }) => (label ?? (params ? undefined : []))).reverse();
    for (const first of frame.points) {
      if (first < end) found.push({ first, last: end - 1, labels, results: frame.results, fallsThrough: !isDead });
    }
  };
  enter(0, { params: 0, results: type.results }, false);
  instructions.forEach((instruction, index) => {
    const { opcode } = instruction;
    switch (opcode) {
      case OP.if:
        height -= 1;
        enter(index + 1, shape(instruction.blockType, types), false);
        break;
      case OP.block: case OP.loop:
        enter(index + 1, shape(instruction.blockType, types), opcode === OP.loop);
        // Nothing is gained over the stretch around it, and a loop is entered again and again.
        frames.at(-1).points = [];
        break;
      case OP.else: {
        close(index);
        const frame = frames.at(-1);
        frame.points = frame.params ? [] : [index + 1];
        height = frame.base + frame.params;
        isDead = frame.wasDead;
        break;
      }
      case OP.end: {
        close(index);
        const frame = frames.pop();
        height = frame.base + frame.results.length;
        isDead = frame.wasDead;
        point(index + 1);
        break;
      }
      case OP.br: case OP.brTable: case OP.return: case OP.unreachable:
        isDead = true;
        break;
      case OP.brIf:
        height -= 1;
        point(index + 1);
        break;
      default: {
        const [pops, pushes] = effect(instruction, types);
        height += pushes - pops;
      }
    }
  });
  return { instructions, stretches: found };
}
