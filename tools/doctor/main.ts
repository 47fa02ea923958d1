import { join } from "node:path";
import { parseArgs } from "node:util";
import { findings } from "./findings";
import { thisMachine } from "./machine";
import { isReady, reportText } from "./report";

const HELP = `Says what this machine can run, what is missing, what it is for, and how to get it. Changes nothing.

Usage: npm run doctor [-- --json]

  --json   print the result as JSON
  --help   print this text

Exit code: 0 npm start and npm test can run; 1 they cannot; 2 wrong usage.
`;

async function main(args: string[]): Promise<number> {
  const wish = readArguments(args);
  if (typeof wish === "string") {
    process.stderr.write(`${wish}\nTry: npm run doctor -- --help\n`);
    return 2;
  }
  if (wish.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const found = await findings(thisMachine(join(__dirname, "..", ".."), process.env));
  const ready = isReady(found);
  const colours = process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "";
  process.stdout.write(wish.json ? `${JSON.stringify({ ready, found }, null, 2)}\n` : reportText(found, colours));
  return ready ? 0 : 1;
}

function readArguments(args: string[]): { json: boolean; help: boolean } | string {
  try {
    const options = { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    return (error as Error).message;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
