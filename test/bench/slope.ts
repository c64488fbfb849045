/** The slope of a line through points: with logarithms on both axes, the exponent of growth. */

/** @returns the slope by least squares; 0 where all points have the same x. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([value]) => value));
  const y = mean(points.map(([, value]) => value));
  const covariance = mean(points.map(([px, py]) => (px - x) * (py - y)));
  const variance = mean(points.map(([px]) => (px - x) ** 2));
  return variance === 0 ? 0 : covariance / variance;
}
