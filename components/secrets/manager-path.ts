/** The parts of a path of Secret Manager. */
export interface ManagerPath {
  project: string;
  secret: string;
  /** A number, or `latest`. */
  version: string;
}

/** `projects/PROJECT/secrets/SECRET/versions/VERSION`, all of it. */
export const MANAGER_PATH =
  /^projects\/([a-z][-a-z0-9]{4,28}[a-z0-9])\/secrets\/([A-Za-z0-9_-]{1,255})\/versions\/(latest|[1-9]\d{0,9})$/;

/**
 * Reads a path of Secret Manager.
 *
 * @throws Error when it is none.
 */
export function parseManagerPath(path: string): ManagerPath {
  const [, project, secret, version] = MANAGER_PATH.exec(path) ?? [];
  if (project === undefined || secret === undefined || version === undefined) {
    throw new Error(`'${path}' is no path projects/PROJECT/secrets/SECRET/versions/VERSION`);
  }
  return { project, secret, version };
}

export function managerPath({ project, secret, version }: ManagerPath): string {
  return `projects/${project}/secrets/${secret}/versions/${version}`;
}
