/** JSON Schema of a request for one step; what the step itself asks for is checked by its own. */
const texts = { type: "object", additionalProperties: { type: "string", maxLength: 4096 } } as const;

export const requestSchema = {
  type: "object",
  additionalProperties: false,
  required: ["uses", "parameters", "rows", "classes", "folder", "engine"],
  properties: {
    uses: { type: "string", maxLength: 200 },
    parameters: { type: "object" },
    rows: {
      type: "array",
      maxItems: 10_000,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["values", "inputs"],
        properties: { id: { type: "string", maxLength: 200 }, values: texts, inputs: texts },
      },
    },
    classes: { type: "object", additionalProperties: { type: "object" } },
    folder: { type: "string", maxLength: 4096 },
    engine: { type: "string", enum: ["auto", "onnx", "webgpu", "tensorflow"] },
  },
} as const;
