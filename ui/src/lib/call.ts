import { OPERATIONS, type Operations } from "./api-types";
import { heard } from "./pulse";

/** What the server answered when it refused, or what kept it from answering. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
    this.name = "Refusal";
  }
}

/** The address of something that the server serves, under whatever prefix the page came from. */
export function address(path: string, query?: Record<string, unknown>): string {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) url.searchParams.append(name, String(one));
    }
  }
  return url.href;
}

/** Ask an operation of the server's table; a refusal is thrown as a `Refusal`. */
export async function call<P extends keyof Operations>(
  operation: P,
  question: Operations[P]["question"],
  signal?: AbortSignal,
): Promise<Operations[P]["answer"]> {
  const [verb, template] = OPERATIONS[operation];
  const rest: Record<string, unknown> = { ...question };
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = encodeURIComponent(String(rest[name]));
    delete rest[name];
    return value;
  });
  const inQuery = verb === "GET";
  const response = await ask(address(path, inQuery ? rest : {}), {
    method: verb,
    signal,
    ...(inQuery
      ? {}
      : { body: JSON.stringify(rest), headers: { "Content-Type": "application/json" } }),
  });
  return response.json();
}

/** Fetch with the application's errors; also for what is not in the table, such as artifacts. */
export async function ask(url: string, options: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, options).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    heard(false);
    throw new Refusal("The server cannot be reached.", 0, "UNREACHABLE");
  });
  heard(true);
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<Refusal> {
  const text = await response.text();
  const told = parsed(text);
  return new Refusal(
    told?.message || text.slice(0, 300) || `The server answered ${response.status}.`,
    response.status,
    told?.error_code ?? "",
  );
}

function parsed(text: string): { message?: string; error_code?: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
