import ts from 'typescript';

/** A property of an exported interface whose name ends in `Options`. */
export interface OptionProperty {
  readonly owner: string;
  readonly name: string;
  readonly isOptional: boolean;
  /** What its `@default` tag says. */
  readonly defaultTag: string | undefined;
}

/** The options that a source file declares for users. */
export function optionProperties(fileName: string, text: string): OptionProperty[] {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  return file.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement))
    .filter(({ name, modifiers }) => name.text.endsWith('Options') && isExported(modifiers))
    .flatMap((declaration) =>
      declaration.members
        .filter((member) => ts.isPropertySignature(member) || ts.isMethodSignature(member))
        .map((member) => ({
          owner: declaration.name.text,
          name: member.name.getText(file),
          isOptional: member.questionToken !== undefined,
          defaultTag: defaultTag(member),
        })),
    );
}

function isExported(modifiers: readonly ts.ModifierLike[] | undefined): boolean {
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function defaultTag(member: ts.TypeElement): string | undefined {
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
  return tag === undefined ? undefined : (ts.getTextOfJSDocComment(tag.comment) ?? '');
}
