// Reads docs/recipes.md: below each heading, files to write and commands to run, in their order.

/** By heading: `{ file, text }` for blocks with a file's name, `{ command }` for those in `sh`. */
export function recipesOf(markdown) {
  const recipes = new Map();
  let steps = [];
  let block = null;
  for (const line of markdown.split("\n")) {
    const heading = block ? null : line.match(/^## (.+)$/);
    if (heading) {
      steps = [];
      recipes.set(heading[1], steps);
    } else if (block && line === "```") {
      steps.push(...stepOf(block));
      block = null;
    } else if (block) {
      block.lines.push(line);
    } else if (line.startsWith("```")) {
      const [language, file] = line.slice(3).split(" ");
      block = { language, file, lines: [] };
    }
  }
  return recipes;
}

function stepOf({ language, file, lines }) {
  const text = `${lines.join("\n")}\n`;
  if (file) return [{ file, text }];
  return language === "sh" ? [{ command: text }] : [];
}
