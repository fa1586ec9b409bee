/** Property values as the engine sends them: JSON in which secrets, unknowns and assets are marked by signatures. */

export type Value = null | boolean | number | string | Value[] | Values;
export type Values = { [key: string]: Value };

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** Stands for a value that only exists after an update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is Values {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function isAsset(value: Value | undefined): value is Values {
  return isObject(value) && value[SIGNATURE] === ASSET;
}

export function isArchive(value: Value | undefined): value is Values {
  return isObject(value) && value[SIGNATURE] === ARCHIVE;
}

/** Whether the value has a structure of its own to look into. */
export function isPlainObject(value: Value | undefined): value is Values {
  return isObject(value) && value[SIGNATURE] === undefined;
}

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** Takes only the outermost mark of a secret off. */
export function unwrap(value: Value | undefined): Value | undefined {
  return isSecret(value) ? unwrap(value.value) : value;
}

/** The value with every mark of a secret taken off, at any depth. */
export function reveal(value: Value): Value {
  if (isSecret(value)) return reveal(value.value ?? null);
  if (Array.isArray(value)) return value.map(reveal);
  if (isObject(value)) return mapValues(value, reveal);
  return value;
}

export function mapValues(values: Values, change: (value: Value, key: string) => Value): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
}
