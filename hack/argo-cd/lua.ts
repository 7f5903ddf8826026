import { lauxlib, lua, lualib } from 'lua-wasm-bindings/dist/lua.51.js';

/** What a health check says of a resource, as Argo CD takes it. */
export interface Health {
  status: string;
  message: string;
}

/**
 * Runs the text of a health check on a resource as Argo CD does: in Lua 5.1, with the resource as the global `obj`, and no libraries but
 * what the language has built in.
 *
 * @throws Error with Lua's words when the text isn't Lua 5.1, fails on this resource or returns something else
 */
export function healthOf(check: string, resource: unknown): Health {
  const state = lauxlib.luaL_newstate();
  try {
    lualib.luaopen_base(state);
    const program = [
      `obj = ${literal(resource)}`,
      'local function check()',
      check,
      'end',
      'local health = check()',
      String.raw`return health.status .. "\n" .. health.message`,
    ].join('\n');
    const failed = lauxlib.luaL_dostring(state, program) !== 0;
    const text = lua.lua_tostring(state, -1);
    if (failed) throw new Error(text);
    const end = text.indexOf('\n');
    return { status: text.slice(0, end), message: text.slice(end + 1) };
  } finally {
    lua.lua_close(state);
  }
}

/** A value of JSON as Lua writes it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(literal).join(',')}}`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, each]) => `[${quote(key)}]=${literal(each)}`)
      .join(',')}}`;
  if (typeof value === 'string') return quote(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'nil';
}

/** Every byte by its number: Lua's escapes aren't those of JSON. */
function quote(text: string): string {
  return `"${[...Buffer.from(text)].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
}
