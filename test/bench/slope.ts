/** The slope of a line through points: with logarithms on both axes, the exponent of growth. */

/** @returns the slope by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([value]) => value));
  const y = mean(points.map(([, value]) => value));
  const covariance = mean(points.map(([px, py]) => (px - x) * (py - y)));
  return covariance / mean(points.map(([px]) => (px - x) ** 2));
}
