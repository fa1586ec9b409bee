// docs/api.md: the reference, from the schema, which has it from the doc comments.

export interface Described {
  type?: string;
  $ref?: string;
  items?: Described;
  additionalProperties?: Described;
  description?: string;
  properties?: Record<string, Described>;
  inputProperties?: Record<string, Described>;
  required?: string[];
  requiredInputs?: string[];
  enum?: { name?: string; value?: string; description?: string }[];
}

export interface Schema {
  resources: Record<string, Described>;
  types: Record<string, Described>;
}

export function apiPage({ resources, types }: Schema): string {
  const objects = entries(types).filter(([, { enum: words }]) => words === undefined);
  const enums = entries(types).filter(([, { enum: words }]) => words !== undefined);
  const parts = [
    "# API",
    "Made from the doc comments by `npm run schema`. What each argument means, its unit, its default and what is refused; [languages.md](languages.md) says how other languages spell it.",
    ...entries(resources).flatMap(([name, component]) => componentParts(name, component)),
    "## Objects",
    ...objects.flatMap(([name, { description, properties = {}, required }]) => [
      `### ${name}`,
      ...text(description),
      members(properties, required),
    ]),
    "## Words",
    ...enums.flatMap(([name, { description, enum: words = [] }]) => [
      `### ${name}`,
      ...text(description),
      words.map((word) => `- \`${word.name}\`, written \`${word.value}\`: ${oneLine(word.description)}`).join("\n"),
    ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function componentParts(
  name: string,
  { description, inputProperties = {}, requiredInputs, properties = {} }: Described,
): string[] {
  return [
    `## ${name}`,
    ...text(description),
    "### Arguments",
    members(inputProperties, requiredInputs),
    "### Outputs",
    members(properties, Object.keys(properties)),
  ].map((part) => (/^### (Arguments|Outputs)$/.test(part) ? `${part} of ${name}` : part));
}

function members(properties: Record<string, Described>, required: readonly string[] = []): string {
  return Object.entries(properties)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => {
      const needed = required.includes(name) ? "" : ", optional";
      return `- **\`${name}\`** (${typeName(member)}${needed}): ${oneLine(member.description)}`;
    })
    .join("\n");
}

function typeName({ type, $ref, items, additionalProperties }: Described): string {
  if ($ref !== undefined) return `[${shortName($ref)}](#${shortName($ref).toLowerCase()})`;
  if (items !== undefined) return `list of ${typeName(items)}`;
  if (additionalProperties !== undefined) return `${typeName(additionalProperties)} by name`;
  return type ?? "any";
}

function entries(described: Record<string, Described>): [string, Described][] {
  return Object.entries(described)
    .map(([token, one]): [string, Described] => [shortName(token), one])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Of `mailhost:index:Tls` and of `#/types/mailhost:index:Tls`. */
function shortName(token: string): string {
  return token.slice(token.lastIndexOf(":") + 1);
}

function text(description: string | undefined): string[] {
  return description === undefined ? [] : [description];
}

function oneLine(description = ""): string {
  return description.replaceAll("\n", " ").trim();
}
