import type * as pulumi from "@pulumi/pulumi";

/**
 * The types of a resource and of those above it, which with its name make it one (Pulumi's URN). A program's unit tests may
 * make the same one again and again, which is then no second. A parent in another language has no types here: what stands
 * below it is like nothing else.
 */
export function qualifiedType(resource: pulumi.Resource | undefined): unknown {
  const types: string[] = [];
  for (let at: unknown = resource; at instanceof Object; at = Reflect.get(at, "__parentResource")) {
    const type: unknown = Reflect.get(at, "__pulumiType");
    if (typeof type !== "string" || type === "") return resource;
    types.unshift(type);
  }
  return types.join("$");
}
