// What a route of the HTTP door is. Express, validation and OpenAPI all follow from these.
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { RequestContext } from '../gateway/index.ts';
import type { Reply } from './reply.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A content type of an answer, with the shape of what is in it where that is JSON. */
export interface AnswerShape {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Other content types that the same answer may have. */
  readonly contentTypes?: readonly string[];
}

/** What a handler is given. */
export interface RouteRequest<Path, Query, Body> {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
  /** A HEAD: the body of the answer is not sent. */
  readonly isHead: boolean;
  /** The path as it came, percent-encoded. */
  readonly rawPath: string;
  /** As it came: repeated names, in their order. */
  readonly search: URLSearchParams;
  /** The body's bytes, for routes with `streamsBody`. */
  readonly stream: AsyncIterable<Uint8Array>;
  readonly context: RequestContext;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** One endpoint. `Path`, `Query` and `Body` are what the schemas give. */
export interface Route<
  Path extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly method: Method;
  /** Under `/api/v1`, parameters in braces. */
  readonly path: string;
  /** Answers at the root too. */
  readonly atRoot?: boolean;
  /** `operationId` of OpenAPI: what clients call it. */
  readonly id: string;
  readonly group: string;
  readonly summary: string;
  readonly description?: string;
  /** Each call goes into the audit log, whatever came of it, with `id` as the action. */
  readonly isAudited?: boolean;
  /** What a principal needs, as `queries:execute`. */
  readonly permission: string;
  readonly pathSchema?: Path;
  readonly querySchema?: Query;
  readonly bodySchema?: Body;
  readonly bodyExample?: unknown;
  /** Numbers of the body that a double does not hold as written stay text (`JSON.rawJSON`). */
  readonly keepsNumbers?: boolean;
  /** Its values go into statements that it makes: they pass the injection filter. */
  readonly makesStatements?: boolean;
  /** What each header of a request means that the route heeds. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The handler reads the body itself; these are its content types. */
  readonly streamsBody?: readonly string[];
  readonly answers: Readonly<Record<number, AnswerShape>>;
  handle(
    request: RouteRequest<z.output<Path>, z.output<Query>, z.output<Body>>,
    reply: Reply,
  ): void | Promise<void>;
}

/** Keeps the types of one route's schemas with its handler. */
export function route<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  definition: Route<Path, Query, Body>,
): Route {
  return definition as unknown as Route;
}
