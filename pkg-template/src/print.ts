// Documents as text, where the package `graphql` cannot be found: in browsers, say.

import { isRecord } from './values.js';

type Node = { [name: string]: any };

const all = (nodes: Node[] | undefined, between = ' '): string => (nodes ?? []).map(text).join(between);

/** All of them in brackets; nothing if there are none. */
const within = (brackets: string, nodes: Node[] | undefined): string =>
  nodes === undefined || nodes.length === 0 ? '' : brackets[0] + all(nodes, ', ') + brackets[1];

/** What stands behind a name. */
const after = (before: string, node: Node | undefined): string => (node === undefined ? '' : before + text(node));

const directives = ({ directives }: Node): string => (directives?.length > 0 ? ` ${all(directives)}` : '');

const isShort = ({ operation, name, variableDefinitions, directives }: Node): boolean =>
  operation === 'query' && name === undefined && !(variableDefinitions?.length > 0) && !(directives?.length > 0);

const valueOf = ({ value }: Node): string => value;

/** What an operation is made of. GraphQL specification, section 2. */
const printers: { [kind: string]: (node: Node) => string } = {
  Name: valueOf,
  Document: ({ definitions }) => all(definitions, '\n'),
  OperationDefinition: (node) =>
    (isShort(node)
      ? ''
      : `${node.operation}${after(' ', node.name)}${within('()', node.variableDefinitions)}${directives(node)} `) +
    text(node.selectionSet),
  VariableDefinition: (node) =>
    `${text(node.variable)}: ${text(node.type)}${after(' = ', node.defaultValue)}${directives(node)}`,
  SelectionSet: ({ selections }) => `{ ${all(selections)} }`,
  Field: (node) =>
    (node.alias === undefined ? '' : `${text(node.alias)}: `) +
    `${text(node.name)}${within('()', node.arguments)}${directives(node)}${after(' ', node.selectionSet)}`,
  Argument: ({ name, value }) => `${text(name)}: ${text(value)}`,
  FragmentSpread: (node) => `...${text(node.name)}${directives(node)}`,
  InlineFragment: (node) => `...${after(' on ', node.typeCondition)}${directives(node)} ${text(node.selectionSet)}`,
  FragmentDefinition: (node) =>
    `fragment ${text(node.name)}${within('()', node.variableDefinitions)} on ${text(node.typeCondition)}` +
    `${directives(node)} ${text(node.selectionSet)}`,
  Directive: (node) => `@${text(node.name)}${within('()', node.arguments)}`,
  Variable: ({ name }) => `$${text(name)}`,
  IntValue: valueOf,
  FloatValue: valueOf,
  EnumValue: valueOf,
  StringValue: ({ value }) => JSON.stringify(value),
  BooleanValue: ({ value }) => String(value),
  NullValue: () => 'null',
  ListValue: ({ values }) => `[${all(values, ', ')}]`,
  ObjectValue: ({ fields }) => `{${all(fields, ', ')}}`,
  ObjectField: ({ name, value }) => `${text(name)}: ${text(value)}`,
  NamedType: ({ name }) => text(name),
  ListType: ({ type }) => `[${text(type)}]`,
  NonNullType: ({ type }) => `${text(type)}!`,
};

const text = (node: Node): string => {
  const printer = Object.hasOwn(printers, node.kind) ? printers[node.kind] : undefined;
  const printed = printer?.(node);
  // A missing part, or one of another edition of GraphQL.
  if (typeof printed !== 'string') throw new TypeError(`unknown kind of node: ${String(node.kind)}`);
  return printed;
};

/** Without what separates tokens and means nothing. Only of texts without strings and comments. */
const squeezed = (document: string): string =>
  document.replace(/[\s,\uFEFF]+/g, ' ').replace(/ ?([{}()[\]:=!$@]|\.{3}) ?/g, '$1');

/**
 * The text of a document; undefined if it has parts that are unknown here. A document that was transformed or composed
 * still carries its old source, so that is taken only where it says the same: some servers know documents by their text.
 */
export const print = (document: Node): string | undefined => {
  const source: unknown = isRecord(document.loc) && isRecord(document.loc.source) ? document.loc.source.body : undefined;
  let printed;
  try {
    printed = text(document);
  } catch {
    return undefined;
  }
  const fits = typeof source === 'string' && !/["#]/.test(source) && squeezed(source).trim() === squeezed(printed).trim();
  return fits ? source : printed;
};
