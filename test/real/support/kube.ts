import { type KubeCredentials, KubeError, type KubeHttp, kubeHttp } from "./kube-http";
import { describeRef, inApplyOrder, isReady, type KubeObject, type ObjectRef, refOf } from "./objects";
import { waitFor, type WaitOptions } from "./wait";

/** A kind that the API server serves. */
export interface ApiResource {
  /** Plural name in paths, for example `statefulsets`. */
  name: string;
  kind: string;
  namespaced: boolean;
}

/** How an object is applied. Fields that the kind does not have are always an error. */
export interface ApplyOptions {
  /** Who owns the applied fields. @default "noetl-test" */
  fieldManager?: string;
  /** Takes over fields that another manager owns. @default false */
  force?: boolean;
  /** Checks all and stores nothing. @default false */
  dryRun?: boolean;
}

/** What an apply did. */
export interface Applied<T> {
  object: T;
  /** Whether the object is new. */
  created: boolean;
  /** What the API server warns of. */
  warnings: string[];
}

/** Which objects to list; all by default. */
export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** At most so many. */
  limit?: string;
}

/** Who asks: a user with groups, or a service account. */
export type Subject = { user: string; groups?: readonly string[] } | { serviceAccount: string; namespace: string };

/** What is asked for, as in a SubjectAccessReview. */
export interface Access {
  verb: string;
  /** API group; `""` is the core group. @default "" */
  group?: string;
  /** Plural name. */
  resource: string;
  subresource?: string;
  /** Name of one object; undefined asks for all. */
  name?: string;
  /** Undefined asks for all namespaces. */
  namespace?: string;
}

/** A client of one API server. Every call rejects with KubeError when the server refuses it. */
export interface KubeClient extends KubeHttp {
  /** @throws KubeError (404) when the server does not serve the kind */
  resourceOf(apiVersion: string, kind: string): Promise<ApiResource>;
  /** Server-side apply with strict field validation. */
  apply<T extends KubeObject>(object: T, options?: ApplyOptions): Promise<Applied<T>>;
  /** Applies namespaces and CRDs first, waits until they can be used, then the rest side by side, in order of results. */
  applyAll(objects: readonly KubeObject[], options?: ApplyOptions): Promise<Applied<KubeObject>[]>;
  /** @returns undefined when the object is not there */
  get<T extends KubeObject = KubeObject>(ref: ObjectRef): Promise<T | undefined>;
  list<T extends KubeObject = KubeObject>(apiVersion: string, kind: string, options?: ListOptions): Promise<T[]>;
  /** Deletes an object with what it owns. An object that is not there is no error. */
  remove(ref: ObjectRef): Promise<void>;
  /** Waits until the object is there and the condition holds. */
  until<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    holds: (object: T) => boolean,
    options?: WaitOptions,
  ): Promise<T>;
  /** Waits until the object is ready (see isReady). */
  untilReady<T extends KubeObject = KubeObject>(ref: ObjectRef, options?: WaitOptions): Promise<T>;
  untilGone(ref: ObjectRef, options?: WaitOptions): Promise<void>;
  /** Asks the server's authorizer (SubjectAccessReview). */
  allows(subject: Subject, access: Access): Promise<boolean>;
}

/** @returns a client that acts with these credentials */
export function kubeClient(credentials: KubeCredentials): KubeClient {
  const http = kubeHttp(credentials);
  const known = new Map<string, ApiResource[]>();

  async function resourceOf(apiVersion: string, kind: string): Promise<ApiResource> {
    // A miss asks again: the kind may have been defined meanwhile.
    const find = (resources: ApiResource[] | undefined): ApiResource | undefined =>
      resources?.find((resource) => resource.kind === kind && !resource.name.includes("/"));
    const cached = find(known.get(apiVersion));
    if (cached !== undefined) return cached;
    const { body } = await http.send<{ resources: ApiResource[] }>(groupPath(apiVersion));
    known.set(apiVersion, body.resources);
    const found = find(body.resources);
    if (found === undefined)
      throw new KubeError(`the API server does not serve ${kind} in ${apiVersion}`, 404, "NotFound");
    return found;
  }

  async function pathOf(ref: ObjectRef): Promise<string> {
    const { name, namespaced } = await resourceOf(ref.apiVersion, ref.kind);
    const scope = namespaced ? `/namespaces/${ref.namespace ?? "default"}` : "";
    return `${groupPath(ref.apiVersion)}${scope}/${name}/${ref.name}`;
  }

  async function apply<T extends KubeObject>(object: T, options: ApplyOptions = {}): Promise<Applied<T>> {
    const { fieldManager = "noetl-test", force = false, dryRun = false } = options;
    const { status, body, warnings } = await http.send<T>(await pathOf(refOf(object)), {
      method: "PATCH",
      // JSON is YAML, and needs no second serializer.
      contentType: "application/apply-patch+yaml",
      query: { fieldManager, force: String(force), fieldValidation: "Strict", dryRun: dryRun ? "All" : undefined },
      body: object,
    });
    return { object: body, created: status === 201, warnings };
  }

  async function applyAll(objects: readonly KubeObject[], options: ApplyOptions = {}): Promise<Applied<KubeObject>[]> {
    const { first, rest } = inApplyOrder(objects);
    const early = await Promise.all(first.map((object) => apply(object, options)));
    if (options.dryRun !== true) {
      await Promise.all(first.map((object) => untilReady(refOf(object))));
      await Promise.all(first.flatMap(definedBy).map(({ apiVersion, kind }) => untilServed(apiVersion, kind)));
    }
    return [...early, ...(await Promise.all(rest.map((object) => apply(object, options))))];
  }

  async function untilServed(apiVersion: string, kind: string): Promise<void> {
    const look = (): Promise<true | undefined> =>
      unlessGone<true>(async () => {
        await list(apiVersion, kind, { limit: "1" });
        return true;
      });
    await waitFor(`the API server to serve ${kind} in ${apiVersion}`, look);
  }

  async function get<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    const path = await pathOf(ref);
    return unlessGone(async () => (await http.send<T>(path)).body);
  }

  async function list<T extends KubeObject>(apiVersion: string, kind: string, options: ListOptions = {}): Promise<T[]> {
    const { name, namespaced } = await resourceOf(apiVersion, kind);
    const { namespace, ...query } = options;
    const scope = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : "";
    const { body } = await http.send<{ items: T[] }>(`${groupPath(apiVersion)}${scope}/${name}`, { query });
    // Items of a list come without what all of them share.
    return body.items.map((item) => ({ ...item, apiVersion, kind }));
  }

  async function remove(ref: ObjectRef): Promise<void> {
    const path = await pathOf(ref);
    await unlessGone(() => http.send(path, { method: "DELETE", query: { propagationPolicy: "Background" } }));
  }

  async function until<T extends KubeObject>(
    ref: ObjectRef,
    holds: (object: T) => boolean,
    options?: WaitOptions,
  ): Promise<T> {
    let last: T | undefined;
    const look = async (): Promise<T | undefined> => {
      last = await get<T>(ref);
      return last !== undefined && holds(last) ? last : undefined;
    };
    try {
      return await waitFor(describeRef(ref), look, options);
    } catch (error) {
      const state = last === undefined ? "it is not there" : `its status: ${JSON.stringify(last.status)}`;
      throw new Error(`${(error as Error).message}; ${state}`, { cause: error });
    }
  }

  function untilReady<T extends KubeObject>(ref: ObjectRef, options?: WaitOptions): Promise<T> {
    return until<T>(ref, isReady, options);
  }

  async function untilGone(ref: ObjectRef, options?: WaitOptions): Promise<void> {
    const look = async (): Promise<true | undefined> => ((await get(ref)) === undefined ? true : undefined);
    await waitFor(`${describeRef(ref)} to be gone`, look, options);
  }

  async function allows(subject: Subject, access: Access): Promise<boolean> {
    const { body } = await http.send<{ status: { allowed: boolean } }>(
      `${groupPath("authorization.k8s.io/v1")}/subjectaccessreviews`,
      {
        method: "POST",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SubjectAccessReview",
          spec: { ...identityOf(subject), resourceAttributes: access },
        },
      },
    );
    return body.status.allowed;
  }

  return {
    ...http,
    resourceOf,
    apply,
    applyAll,
    get,
    list,
    remove,
    until,
    untilReady,
    untilGone,
    allows,
  };
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Kinds that a CustomResourceDefinition defines; none for other objects. */
function definedBy(object: KubeObject): { apiVersion: string; kind: string }[] {
  if (object.kind !== "CustomResourceDefinition") return [];
  const spec = object.spec as { group: string; names: { kind: string }; versions: { name: string; served: boolean }[] };
  const served = spec.versions.filter((version) => version.served);
  return served.map(({ name }) => ({ apiVersion: `${spec.group}/${name}`, kind: spec.names.kind }));
}

async function unlessGone<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

/** The user name and groups that the API server gives to a service account's token. */
function identityOf(subject: Subject): { user: string; groups: readonly string[] } {
  if ("user" in subject) return { user: subject.user, groups: [...(subject.groups ?? []), "system:authenticated"] };
  const { serviceAccount, namespace } = subject;
  return {
    user: `system:serviceaccount:${namespace}:${serviceAccount}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}
