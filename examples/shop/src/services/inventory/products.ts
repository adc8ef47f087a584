/** What the shop sells. */
export const products: readonly string[] = [
  'anchor',
  'compass',
  'lantern',
  'rope',
  'sail',
  'sextant',
];
