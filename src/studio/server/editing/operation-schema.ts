/** JSON Schema of an edit that comes over the network. */
const path = {
  type: "array",
  maxItems: 64,
  items: {
    anyOf: [
      { type: "integer", minimum: 0 },
      { type: "string", maxLength: 1000 },
    ],
  },
} as const;
const name = { type: "string", minLength: 1, maxLength: 1000 } as const;
const index = { type: "integer", minimum: 0 } as const;

const operation = (type: string, properties: Record<string, object>) => ({
  type: "object",
  additionalProperties: false,
  properties: { type: { const: type }, ...properties },
  required: ["type", ...Object.keys(properties)],
});

export const operationSchema = {
  anyOf: [
    operation("set", { path, value: {} }),
    operation("remove", { path }),
    operation("insert", { path, index, value: {} }),
    operation("move", { path, to: index }),
    operation("rename", { path, name }),
    operation("rename-step", { step: name, name }),
  ],
};
