import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import type { Json, Resource, ResourceGraph } from "../../preview/graph";

type State = NonNullable<StepEventMetadata["old"]>;

/** Operations whose steps end with what is really there. */
const READING = ["refresh"];

/** What the engine's events tell of resources: how they were, and how they are to be. */
export class SeenResources {
  private readonly before = new Map<string, Resource>();
  private readonly after = new Map<string, Resource>();

  take({ resourcePreEvent, resOutputsEvent }: EngineEvent): void {
    const step = resourcePreEvent?.metadata ?? resOutputsEvent?.metadata;
    if (!step) return;
    const { op, old, new: made } = step;
    // What a refresh finds is only known at its end.
    if (READING.includes(op) && resourcePreEvent) return;
    if (old) this.before.set(step.urn, resourceOf(old));
    if (made && !op.startsWith("delete")) this.after.set(step.urn, resourceOf(made));
  }

  /** In the order in which they were seen. Secret values are masked by the engine. */
  graphs(project: string, stack: string): { before: ResourceGraph; after: ResourceGraph } {
    return {
      before: { project, stack, resources: [...this.before.values()] },
      after: { project, stack, resources: [...this.after.values()] },
    };
  }
}

function resourceOf({ urn, type, custom, parent, protect, inputs }: State): Resource {
  return {
    urn,
    type,
    name: urn.split("::").slice(3).join("::"),
    ...(parent !== "" && { parent }),
    dependencies: [],
    custom: custom ?? false,
    protect: protect ?? false,
    retainOnDelete: false,
    inputs: inputs as Record<string, Json>,
  };
}
