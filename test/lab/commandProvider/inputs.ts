/** The inputs' shape: which fields exist, of which type, what is required, and the defaults of a connection. */
import { isPlainObject, isSecret, secret, UNKNOWN, unwrap, type Value, type Values } from "./values.ts";

export interface Failure {
  property: string;
  reason: string;
}

type FieldType = "string" | "number" | "bool" | "list" | "strings" | "connection" | "proxy" | "source";
export interface Shape {
  name: string;
  fields: Record<string, FieldType>;
  required: readonly string[];
}

const GO_TYPES: Partial<Record<FieldType, string>> = { string: "string", number: "float64", bool: "bool" };
const endpoint: Record<string, FieldType> = {
  agentSocketPath: "string",
  dialErrorLimit: "number",
  host: "string",
  hostKey: "string",
  password: "string",
  perDialTimeout: "number",
  port: "number",
  privateKey: "string",
  privateKeyPassword: "string",
  user: "string",
};
const connectionShape: Shape = {
  name: "remote.Connection",
  fields: { ...endpoint, proxy: "proxy" },
  required: ["host"],
};
const proxyShape: Shape = { name: "remote.ProxyConnection", fields: endpoint, required: ["host"] };
const DEFAULTS: Values = { dialErrorLimit: 10, perDialTimeout: 15, port: 22, user: "root" };

/** What is wrong with the inputs' shape. Unknown values are taken as right. */
export function checkShape(inputs: Values, shape: Shape): Failure[] {
  const failures: Failure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  for (const [field, marked] of Object.entries(inputs)) {
    const value = unwrap(marked) ?? null;
    const type = shape.fields[field];
    if (type === undefined) fail(field, `Unrecognized field '${field}' on '${shape.name}'`);
    else if (value === null || value === UNKNOWN) continue;
    else if (type === "connection" || type === "proxy") {
      if (isPlainObject(value)) failures.push(...checkShape(value, type === "proxy" ? proxyShape : connectionShape));
      else fail(field, wrongType(field, shape, "object", value));
    } else if (!hasType(value, type)) fail(field, wrongType(field, shape, GO_TYPES[type] ?? type, value));
  }
  for (const field of shape.required) {
    if ((unwrap(inputs[field]) ?? null) === null) fail(field, `Missing required field '${field}' on '${shape.name}'`);
  }
  return failures;
}

/** Fills the connection's defaults in, and makes the connection secret as a whole. */
export function withDefaults(inputs: Values): Values {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));
  const connection = given.connection;
  return connection === undefined ? given : { ...given, connection: secret(fill(connection)) };
}

function fill(connection: Value): Value {
  if (isSecret(connection)) return secret(fill(connection.value ?? null));
  if (!isPlainObject(connection)) return connection;
  const given = Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== null));
  return { ...DEFAULTS, ...given, ...(given.proxy === undefined ? {} : { proxy: fill(given.proxy) }) };
}

function hasType(value: Value, type: FieldType): boolean {
  if (type === "list") return Array.isArray(value);
  if (type === "strings")
    return isPlainObject(value) && Object.values(value).every((v) => typeof unwrap(v) === "string");
  if (type === "bool") return typeof value === "boolean";
  return type === "source" || typeof value === type;
}

function wrongType(field: string, shape: Shape, expected: string, value: Value): string {
  return `Field '${field}' on '${shape.name}' must be a '${expected}'; got '${typeof value}' instead`;
}
