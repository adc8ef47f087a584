/** Ends a check: prints every problem and fails, or prints the one line that says what is right. */
export function reportProblems(problems: readonly string[], allRight: string): void {
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) {
    console.log(allRight);
    return;
  }
  console.error(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
  process.exitCode = 1;
}
