/** `memory_kernel` -> `MemoryKernel`. */
export const pascal = (id) =>
  id.replaceAll(/(^|[_-])(\w)/g, (_match, _dash, letter) => letter.toUpperCase());

/** `memory_kernel` -> `memoryKernel`. */
export const camel = (id) => pascal(id).replace(/^./, (letter) => letter.toLowerCase());

/** `memory_kernel` -> `memory-kernel`. */
export const kebab = (id) => id.replaceAll('_', '-');
