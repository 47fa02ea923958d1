import { parseArgs } from "node:util";
import { QUICK_TOOL_NAMES, TOOL_NAMES, type ToolName, TOOLS } from "./catalog";
import { ensureTool, findTool, type ToolMissing, type ToolPath } from "./find";

const HELP = `Builds the pinned tools that the real tests run, into the user's cache folder.

Usage: npx tsx tools/main.ts [--list] [--json] [name ...]

  name     tool to build; when none is given, all that are quick to build
           ${TOOL_NAMES.join(", ")}
  --list   only show where each tool is
  --json   print the result as JSON
  --help   print this text

Exit code: 0 every tool is there; 1 a tool is missing or could not be built; 2 wrong usage.
`;

async function main(args: string[]): Promise<number> {
  const wish = readArguments(args);
  if ("problem" in wish) {
    process.stderr.write(`${wish.problem}\nTry: npx tsx tools/main.ts --help\n`);
    return 2;
  }
  if (wish.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      interrupted.abort();
    });
  }
  const tools: (ToolPath | ToolMissing)[] = [];
  for (const name of wish.names) {
    tools.push(wish.list ? await findTool(name) : await ensureTool(name, { signal: interrupted.signal }));
    if (interrupted.signal.aborted) break;
  }
  process.stdout.write(wish.json ? `${JSON.stringify(tools, null, 2)}\n` : tools.map(line).join(""));
  return tools.every(({ found }) => found) ? 0 : 1;
}

interface Wish {
  names: ToolName[];
  list: boolean;
  json: boolean;
  help: boolean;
}

function readArguments(args: string[]): Wish | { problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        list: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const unknown = positionals.filter((name) => !Object.hasOwn(TOOLS, name));
    if (unknown.length > 0) {
      return { problem: `unknown tool: ${unknown.join(", ")}; known are ${TOOL_NAMES.join(", ")}` };
    }
    return {
      ...values,
      names:
        positionals.length === 0 && !values.list
          ? QUICK_TOOL_NAMES
          : positionals.length === 0
            ? TOOL_NAMES
            : (positionals as ToolName[]),
    };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function line(tool: ToolPath | ToolMissing): string {
  const name = tool.name.padEnd(Math.max(...TOOL_NAMES.map(({ length }) => length)) + 2);
  return tool.found ? `${name}${tool.version}  ${tool.source}  ${tool.path}\n` : `${name}missing: ${tool.reason}\n`;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
