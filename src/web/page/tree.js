/**
 * @typedef {{ tag: string, attributes: Readonly<Record<string, string | number>>, children: readonly Tree[] }} Element_
 * @typedef {string | Element_} Tree
 */

/**
 * A plain description of an element. Strings become text nodes and never markup, so a hostile name stays a name.
 * @param {string} tag
 * @param {Readonly<Record<string, string | number | false | null>>} attributes left out where false or null
 * @param {...(Tree | readonly Tree[] | false | null)} children left out where false or null
 * @returns {Element_}
 */
export function h(tag, attributes, ...children) {
  /** @type {Record<string, string | number>} */
  const kept = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== false && value !== null) kept[name] = value;
  /** @type {Tree[]} */
  const flat = [];
  for (const child of children) {
    if (child === false || child === null) continue;
    if (Array.isArray(child)) flat.push(...child);
    else flat.push(/** @type {Tree} */ (child));
  }
  return { tag, attributes: kept, children: flat };
}
