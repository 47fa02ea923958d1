import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../../../preview/recorder";

/** A program of its own: Jest takes over the process's unhandled rejections, and this is about them. */
record({
  project: "noetl",
  stack: "test",
  program: () => {
    const name = pulumi.output("x").apply((): string => {
      throw new Error("bad name");
    });
    new k8s.core.v1.ConfigMap("config", { metadata: { name } });
    return {};
  },
}).catch((error: unknown) => {
  console.log(`thrown: ${(error as Error).message}`);
});
