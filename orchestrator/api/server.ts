import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { ApiContext } from "./context";
import { DOCS_POLICY, docsPage } from "./docs-page";
import { admit, type Doors } from "./guard";
import { dashboardPage } from "../dashboard/page";
import { openApi } from "./openapi";
import { ApiError, apiErrorOf, problemOf } from "./problem";
import type { RateLimit } from "./rate";
import { headerReader, reader } from "./reading";
import type { Person } from "./roles";
import type { Route } from "./route";
import { dashboardRoutes } from "./routes/dashboard";
import { environmentRoutes } from "./routes/environments";
import { queueRoutes } from "./routes/queue";
import { reportRoutes } from "./routes/report";
import { scheduleRoutes } from "./routes/schedules";
import { notFound, serviceRoutes } from "./routes/service";
import { storageRoutes } from "./routes/storage";
import { streamRoutes } from "./routes/streams";
import { taskRoutes } from "./routes/tasks";
import { workflowRoutes } from "./routes/workflows";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null until they are admitted. */
    person: Person | null;
    /** The route as documented; null for what is no route of the API. */
    route: string | null;
  }
}

/** A line of the service's own log. */
export type LogEntry = Record<string, string | number | boolean | null>;

export interface ServerOptions {
  /** Without any, only programs of this machine can connect. */
  doors: Doors;
  rate?: RateLimit | undefined;
  log: (entry: LogEntry) => void;
  /** PEM of the service's certificate and its key. Default: HTTP. */
  tls?: { cert: string; key: string } | undefined;
  /** Milliseconds that a request may take to arrive. Default: 30 s. */
  arrivalMs?: number;
}

const LIMITS = { body: 1024 * 1024, headers: 16 * 1024, param: 100 } as const;

/** All routes, in the order in which people read of them. */
export function routesOf(context: ApiContext): Route[] {
  const [health, ...service] = serviceRoutes(context);
  const groups = [
    ...[workflowRoutes, taskRoutes, reportRoutes, streamRoutes, environmentRoutes],
    ...[scheduleRoutes, queueRoutes, storageRoutes, dashboardRoutes],
  ];
  const routes = groups.flatMap((of) => of(context));
  routes.push(...service);
  return health ? [health, ...routes] : routes;
}

/** Limits of a server for requests that may take so many milliseconds to arrive. */
export function limitsOf(arrivalMs: number) {
  return {
    maxHeaderSize: LIMITS.headers,
    headersTimeout: Math.min(arrivalMs, 10_000),
    connectionsCheckingInterval: Math.min(arrivalMs / 4, 2000),
  };
}

/** The HTTP server of an orchestrator; it does not listen yet. */
export function apiServer(context: ApiContext, options: ServerOptions): FastifyInstance {
  const { log, tls, arrivalMs = 30_000 } = options;
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    let refusal = apiErrorOf(error);
    if (!refusal) {
      // What it says may hold anything: it is for the operator's log, not for whoever asked.
      log({ level: "error", event: "bug", route: request.routeOptions.url ?? null, stack: stackOf(error) });
      refusal = new ApiError("internal", "the service has a bug; its log says more");
    }
    return reply.code(refusal.status).headers(refusal.headers).send(problemOf(refusal));
  };
  const limits = limitsOf(arrivalMs);
  const app = fastify({
    logger: false,
    bodyLimit: LIMITS.body,
    requestTimeout: arrivalMs,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: LIMITS.param },
    http: limits,
    ...(tls && { https: { ...tls, ...limits } }),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      void refuse(error, request, guarded(reply));
    },
    clientErrorHandler,
  }) as unknown as FastifyInstance;
  // JSON only: what a page of another origin can send without asking is text.
  app.removeContentTypeParser("text/plain");
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((request) => {
    throw notFound(request.method, request.url.split("?", 1)[0] ?? "");
  });
  app.decorateRequest("person", null);
  app.decorateRequest("route", null);
  app.addHook("onRequest", (_request, reply, next) => {
    guarded(reply);
    next();
  });
  app.addHook("onResponse", (request, reply, next) => {
    const route = request.route ?? request.routeOptions.url ?? "unknown";
    const seconds = reply.elapsedTime / 1000;
    context.metrics.answered(route, request.method, reply.statusCode, seconds);
    log({
      level: "info",
      event: "request",
      id: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      seconds: Math.round(seconds * 1e6) / 1e6,
      by: request.person?.name ?? null,
    });
    next();
  });
  const routes = routesOf(context);
  for (const one of routes) serve(app, one, options);
  servePages(app, routes, options);
  return app;
}

/** Sets what every answer has. */
function guarded(reply: FastifyReply): FastifyReply {
  return reply.header("x-content-type-options", "nosniff").header("cache-control", "no-store");
}

function serve(app: FastifyInstance, one: Route, options: ServerOptions): void {
  const url = one.path.replaceAll(/\{(\w+)\}/g, ":$1");
  const params = reader("path", one.params);
  const query = reader("query", one.query);
  const headers = headerReader(one.headers);
  const body = reader("body", one.body);
  app.route({
    method: one.method,
    url,
    // Before the body is read: nobody sends a megabyte without a token.
    onRequest: (request, _reply, next) => {
      // Fastify makes all of a route's options anew for each who asks for one of them.
      request.route = url;
      const enter = (person: Person) => {
        request.person = person;
        options.rate?.take(person.name);
        next();
      };
      try {
        const person = admit(request.headers, one.needs, options.doors);
        if (person instanceof Promise) person.then(enter).catch(next);
        else enter(person);
      } catch (error) {
        next(error as Error);
      }
    },
    handler: async (request, reply) => {
      const { person } = request;
      if (!person) throw new Error("a request was admitted");
      const answer = await one.handle({
        person,
        params: params(request.params),
        query: query(request.query),
        headers: headers(request.headers),
        body: body(request.body ?? undefined),
        reply,
      });
      if (!answer) return reply;
      if (answer.headers) reply.headers(answer.headers);
      return reply.code(answer.status).send(answer.body);
    },
  });
}

function servePages(app: FastifyInstance, routes: readonly Route[], { doors }: ServerOptions): void {
  const document = openApi(routes);
  const docs = docsPage(document);
  const dashboard = dashboardPage(routes.map(({ id }) => id));
  const onRequest = async (request: FastifyRequest) => {
    // Both pages and the document are public like the program; a page of another origin still may not ask.
    if (!doors.tokens && !doors.oidc) await admit(request.headers, "view", doors);
  };
  app.get("/openapi.json", { onRequest }, (_request, reply) => reply.send(document));
  app.get("/", { onRequest }, (_request, reply) =>
    reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", dashboard.policy)
      .header("referrer-policy", "no-referrer")
      .send(dashboard.html),
  );
  app.get("/docs", { onRequest }, (_request, reply) =>
    reply.type("text/html; charset=utf-8").header("content-security-policy", DOCS_POLICY).send(docs),
  );
}

/** Requests that are no HTTP, too slow, or have too many headers: Node refuses them before a route sees them. */
export function clientErrorHandler(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, message] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? (["headers-too-large", "the headers are too large"] as const)
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? (["too-slow", "the request took too long to arrive"] as const)
        : (["malformed-request", "this is no HTTP request"] as const);
  const refusal = new ApiError(code, message);
  const { status } = refusal;
  const body = JSON.stringify(problemOf(refusal));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
