import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { MAX_SHARDS, parseExecutionId, shardFunction, type ShardOf } from "../../components/noetl/shard";
import { distribution, MOST_IDS, type IdRange } from "../../preview/shards/distribution";
import { distributionPicture } from "../../preview/shards/picture";
import { distributionText } from "../../preview/shards/text";
import { UserError } from "../../stacks/errors";
import { style } from "../terminal";

interface ShardOptions {
  count: number;
  range?: IdRange;
  format: "text" | "svg";
  json?: boolean;
}

/** `noetl-ops shard`: which shard owns an execution, as server and gateway compute it. */
export function shardCommand(): Command {
  return new Command("shard")
    .description("Tell which shard owns an execution, as server and gateway compute it.")
    .argument("[execution-id...]", "signed 64-bit ids; `-` or none reads them from standard input")
    .addOption(
      new Option("--count <n>", `shards of the cluster, 1 to ${MAX_SHARDS}`)
        .argParser(parseCount)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--range <a..b>", `how the ids from a to b spread, at most ${MOST_IDS.toString()} of them`).argParser(
        parseRange,
      ),
    )
    .addOption(
      new Option("--format <format>", "how to show a range").choices(["text", "svg"]).default("text").conflicts("json"),
    )
    .option("--json", "print the result as JSON; ids are strings, because JSON numbers lose digits in many readers")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops shard 320816801799737344 --count 4                 one execution
  noetl-ops shard --count 4 < ids.txt                          one id a word, from a file
  noetl-ops shard --count 16 --range 1..100000                 how evenly ids spread
  noetl-ops shard --count 16 --range 1..100000 --format svg    the same as a picture
  noetl-ops shard 42 --count 8 --json | jq '.[].shard_index'   for scripts

Exit codes: 0 shown, 1 something is no execution id, 2 wrong usage.`,
    )
    .action(shard);
}

function parseCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_SHARDS)
    throw new InvalidArgumentError(`Allowed: a whole number from 1 to ${MAX_SHARDS}.`);
  return count;
}

function parseRange(text: string): IdRange {
  const [, from = "", to = ""] = /^([^.]+)\.\.([^.]+)$/.exec(text) ?? [];
  const first = parseExecutionId(from);
  const last = parseExecutionId(to);
  if (first === undefined || last === undefined) {
    throw new InvalidArgumentError("Allowed: two signed 64-bit ids with two points between them, such as 1..100000.");
  }
  if (last < first) throw new InvalidArgumentError(`It ends before it begins; did you mean ${to}..${from}?`);
  if (last - first + 1n > MOST_IDS) {
    throw new InvalidArgumentError(
      `Allowed: at most ${MOST_IDS.toString()} ids, not ${(last - first + 1n).toString()}.`,
    );
  }
  return { first, last };
}

async function shard(words: string[], options: ShardOptions, command: Command): Promise<void> {
  const { range, format } = options;
  if (range !== undefined && words.length > 0) command.error("error: give either execution ids or --range, not both");
  if (range === undefined && format === "svg") command.error("error: --format svg shows a --range");
  const shardOf = await shardFunction();
  if (range !== undefined) showRange(shardOf, range, options);
  else showIds(shardOf, parseIds(given(words, command)), options);
}

/** An id and where it was written. */
interface Word {
  text: string;
  place: string;
}

function given(words: string[], command: Command): Word[] {
  if (words.length > 0 && words.join() !== "-") return words.map((text) => ({ text, place: "argument" }));
  if (words.length === 0 && process.stdin.isTTY)
    command.error("error: missing execution ids, --range or standard input");
  const lines = readFileSync(0, "utf8").split("\n");
  return lines.flatMap((line, index) =>
    line
      .split(/\s+/)
      .filter((text) => text !== "")
      .map((text) => ({ text, place: `standard input, line ${index + 1}` })),
  );
}

/** @throws UserError with every word that is no id */
function parseIds(words: Word[]): bigint[] {
  const ids = words.map(({ text }) => parseExecutionId(text));
  const wrong = words.filter((_, index) => ids[index] === undefined);
  if (wrong.length > 0) {
    const lines = wrong.slice(0, 20).map(({ text, place }) => `  ${place}: '${text.slice(0, 60)}'`);
    const more = wrong.length > 20 ? [`  and ${wrong.length - 20} more`] : [];
    throw new UserError(
      [
        `${wrong.length === 1 ? "this is no execution id" : `these ${wrong.length} are no execution ids`}:`,
        ...lines,
        ...more,
        "allowed: whole numbers from -9223372036854775808 to 9223372036854775807, in decimal",
      ].join("\n"),
    );
  }
  if (ids.length === 0) throw new UserError("standard input holds no execution id");
  return ids.flatMap((id) => id ?? []);
}

function showIds(shardOf: ShardOf, ids: bigint[], { count, json }: ShardOptions): void {
  const shards = ids.map((id) => ({ id: id.toString(), shard: shardOf(id, count) }));
  if (json) {
    const data = shards.map(({ id, shard: index }) => ({ execution_id: id, shard_count: count, shard_index: index }));
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return;
  }
  const paint = style(process.stdout);
  const width = Math.max(...shards.map(({ id }) => id.length));
  process.stdout.write(
    shards
      .map(({ id, shard: index }) => `${id.padStart(width)}  shard ${paint.bold(String(index))} of ${count}\n`)
      .join(""),
  );
}

function showRange(shardOf: ShardOf, range: IdRange, { count, format, json }: ShardOptions): void {
  const shown = distribution(shardOf, range, count);
  if (json) {
    const data = {
      first: range.first.toString(),
      last: range.last.toString(),
      ids: shown.ids,
      shard_count: count,
      ids_by_shard: shown.counts,
    };
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
  } else if (format === "svg") process.stdout.write(distributionPicture(shown));
  else process.stdout.write(distributionText(shown, style(process.stdout)));
}
