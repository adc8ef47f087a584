import ts from 'typescript';

/** A thing that published source must not contain. */
export interface SourceRule {
  /** Whether a node breaks the rule. */
  readonly breaks: (node: ts.Node) => boolean;
  /** What to do instead. */
  readonly message: string;
}

const calls = (name: string): SourceRule['breaks'] => {
  return (node) => ts.isPropertyAccessExpression(node) && node.getText() === name;
};

/** The rules for the sources of the packages, which the linter does not know. */
export const sourceRules: readonly SourceRule[] = [
  { breaks: calls('AbortSignal.timeout'), message: 'AbortSignal.timeout ignores the clock' },
  { breaks: calls('AbortSignal.any'), message: 'AbortSignal.any is slow: listen on the signals' },
  { breaks: calls('Date.now'), message: 'Date.now goes backwards: ask the clock' },
  {
    breaks: (node) => ts.isImportDeclaration(node) && /timers\/promises/.test(node.getText()),
    message: 'timers/promises ignores fake timers: ask the clock',
  },
  {
    breaks: (node) =>
      ts.isPropertyAccessExpression(node) && node.expression.getText() === 'console',
    message: 'a library does not print: emit an event, or a process warning',
  },
  { breaks: isTopLevelAwait, message: 'a top-level await makes require() fail' },
  { breaks: isPublicAny, message: 'any in a public type: say unknown, or a type parameter' },
  {
    breaks: (node) => ts.isExportDeclaration(node) && node.exportClause === undefined,
    message: 'list the exported names one by one',
  },
];

function isTopLevelAwait(node: ts.Node): boolean {
  const waits =
    ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
  return waits && ts.findAncestor(node, (parent) => ts.isFunctionLike(parent)) === undefined;
}

function isPublicAny(node: ts.Node): boolean {
  if (node.kind !== ts.SyntaxKind.AnyKeyword) return false;
  if (ts.findAncestor(node, (parent) => ts.isBlock(parent)) !== undefined) return false;
  const statement = ts.findAncestor(node, (parent) => ts.isSourceFile(parent.parent));
  if (statement === undefined || !ts.canHaveModifiers(statement)) return false;
  const modifiers = ts.getModifiers(statement) ?? [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}
