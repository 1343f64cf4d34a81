// Numbers that were packed when the page was written, see packing.py.
async function inflated(text) {
  const stream = new Blob([numbersOf(text, Uint8Array)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function unpacked({ kind, shape, bytes: text }) {
  const Kind = { Int32Array, Float32Array, Float64Array }[kind], size = Kind.BYTES_PER_ELEMENT;
  const planes = await inflated(text), count = planes.length / size, bytes = new Uint8Array(planes.length);
  for (let plane = 0; plane < size; plane++) for (let i = 0; i < count; i++) bytes[i * size + plane] = planes[plane * count + i];
  return { shape, values: new Kind(bytes.buffer) };
}

async function loaded({ document: text, arrays }) {
  const facts = JSON.parse(new TextDecoder().decode(await inflated(text))), found = {};
  for (const [name, array] of Object.entries(arrays)) found[name] = await unpacked(array);
  return { facts, arrays: found };
}

// An array as lists within lists; what is not finite is null, as in the files that the command line writes.
function nested({ shape, values }, digits) {
  const plain = (value) => (!Number.isFinite(value) ? null : digits && values instanceof Float64Array ? Number(value.toPrecision(digits + 1)) : value);
  const part = (axis, start, count) => {
    const each = count / shape[axis];
    return Array.from({ length: shape[axis] }, (_, i) => (axis === shape.length - 1 ? plain(values[start + i]) : part(axis + 1, start + i * each, each)));
  };
  return part(0, 0, values.length);
}

// The document of `result.to_dict()`, its arrays in their places.
function wholeDocument({ facts, arrays }, { digits, note }) {
  const whole = structuredClone(facts);
  for (const [name, array] of Object.entries(arrays)) {
    const way = name.split("."), last = way.pop();
    way.reduce((owner, key) => owner[key], whole)[last] = nested(array, digits);
  }
  return note ? { ...whole, note } : whole;
}
