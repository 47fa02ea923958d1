/** What labels say about an object. */
export interface LabelFacts {
  /** Name of the application, and the label its pods are selected by. */
  app: string;
  /** Role within the platform: `server`, `worker`, `messaging`, `database`. */
  component: string;
  /** Further labels. */
  extra?: Record<string, string>;
}

/**
 * Labels of an object: the platform's own (`app`, `component`) and the recommended Kubernetes ones. Versions are never
 * labels here: selectors are immutable, versions are not.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export function labels({ app, component, extra }: LabelFacts): Record<string, string> {
  return {
    app,
    component,
    "app.kubernetes.io/name": app,
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/part-of": "noetl",
    "app.kubernetes.io/managed-by": "pulumi",
    ...extra,
  };
}

/** The selector of an application's pods. */
export function selector(app: string): Record<string, string> {
  return { app };
}
