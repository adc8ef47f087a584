/** The package that holds nothing but the Node of this platform. */
export const platformNode: string = `node-${
  process.platform === 'win32' ? 'win' : process.platform
}-${process.arch}`;
