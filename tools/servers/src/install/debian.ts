import { findProgram } from './find-program.ts';
import type { DebianPackage } from './source.ts';

/** A package of Debian that brings a program; who has the program from elsewhere needs no package. */
export function debianPackage(
  name: string,
  program: string,
  find: (program: string) => string | undefined = findProgram,
): DebianPackage {
  return { name, isPresent: () => find(program) !== undefined };
}
