import { Command } from "commander";
import { loadCatalogCheck } from "../../orchestrator/lazy";
import { UserError } from "../../stacks/errors";
import { asking, clientOf, print, type Common } from "../service-client";

/** `noetl-ops test topology`: templates. */
export function topologyCommand(): Command {
  return new Command("topology")
    .description("Templates of topologies.")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops test topology list
  noetl-ops test topology load etcd_cluster > etcd.json`,
    )
    .addCommand(
      asking(new Command("list"))
        .description("List the templates of an orchestrator.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test topology list`,
        )
        .action(async (options: Common) => {
          const answer = await clientOf(options).get("/test/topologies");
          print(answer, options, (all) =>
            all.map(({ name, description }) => `${name.padEnd(20)}  ${description}\n`).join(""),
          );
        }),
    )
    .addCommand(
      asking(new Command("load"))
        .description("Print the topology of a template as JSON, for `test env cluster`.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test topology load etcd_cluster > etcd.json`,
        )
        .argument("<name>", "as etcd_cluster")
        .action(async (name: string, options: Common) => {
          const { data } = await clientOf(options).get("/test/topologies");
          const found = data.find((template) => template.name === name);
          if (!found) {
            throw new UserError(`there is no template ${name}; there are ${data.map((one) => one.name).join(", ")}`);
          }
          process.stdout.write(`${JSON.stringify(found.topology, null, 2)}\n`);
        }),
    )
    .addCommand(
      new Command("check")
        .description("Read a folder of templates/*.toml and taskservs/*.toml, and tell what is wrong. Asks nobody.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test topology check ./environments`,
        )
        .argument("<folder>", "as for orchestrator serve --environments")
        .action((folder: string) => {
          const { templates, taskservs, notices } = loadCatalogCheck().checkFolder(folder);
          process.stdout.write(`${templates} templates, ${taskservs} taskservs\n`);
          for (const notice of notices) process.stdout.write(`notice: ${notice}\n`);
        }),
    );
}
