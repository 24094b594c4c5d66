const SVG = "http://www.w3.org/2000/svg";

/** @typedef {import("./tree.js").Tree} Tree */

/**
 * Makes the children of `parent` what the trees say and touches only what differs: nothing flickers, and a selection or an open
 * detail stays.
 * @param {Element} parent
 * @param {readonly Tree[]} trees
 */
export function show(parent, trees) {
  trees.forEach((tree, i) => {
    const old = parent.childNodes[i];
    if (typeof tree === "string") {
      if (old instanceof Text) {
        if (old.data !== tree) old.data = tree;
      } else place(parent, document.createTextNode(tree), old);
      return;
    }
    const isSame = old instanceof Element && old.localName === tree.tag;
    const element = isSame ? old : create(parent, tree.tag);
    dress(element, tree.attributes);
    show(element, tree.children);
    if (!isSame) place(parent, element, old);
  });
  while (parent.childNodes.length > trees.length) parent.lastChild?.remove();
}

/** @param {Element} parent @param {string} tag */
function create(parent, tag) {
  return tag === "svg" || parent.namespaceURI === SVG ? document.createElementNS(SVG, tag) : document.createElement(tag);
}

/** @param {Element} parent @param {Node} node @param {ChildNode | undefined} old */
function place(parent, node, old) {
  if (old === undefined) parent.append(node);
  else old.replaceWith(node);
}

/** @param {Element} element @param {Readonly<Record<string, string | number>>} attributes */
function dress(element, attributes) {
  for (const { name } of [...element.attributes]) if (!(name in attributes)) element.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}
