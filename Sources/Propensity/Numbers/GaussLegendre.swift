/// Points and weights with which polynomials are integrated over 0…1 exactly.
///
/// Sum of weight · f(point) is the integral for every polynomial f of degree up to 2n − 1
/// (C. F. Gauss 1814). Points are the roots of the Legendre polynomial of degree n, which lie between
/// those of degree n − 1, found by halving and two steps of Newton's method.
struct GaussLegendre {
  let points: [Double]
  let weights: [Double]

  /// - Parameter count: n, at least 1.
  init(count: Int) {
    precondition(count > 0, "\(count) points")
    var roots = [0.0]
    for degree in 2..<max(3, count + 1) where degree <= count {
      let ends = [-1.0] + roots + [1.0]
      roots = zip(ends, ends.dropFirst()).map { Self.root(of: degree, between: $0, and: $1) }
    }
    points = roots.map { ($0 + 1) / 2 }
    weights = roots.map { root in
      let slope = Self.legendre(count, root).slope
      return 1 / ((1 - root * root) * slope * slope)
    }
  }

  private static func root(of degree: Int, between start: Double, and end: Double) -> Double {
    var (low, high) = (start, end)
    let isRising = legendre(degree, low).value < 0
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if (legendre(degree, middle).value < 0) == isRising { low = middle } else { high = middle }
    }
    var root = (low + high) / 2
    for _ in 0..<2 {
      let (value, slope) = legendre(degree, root)
      root -= value / slope
    }
    return root
  }

  /// The Legendre polynomial and its derivative, by the recurrence of Bonnet; |x| < 1 for the latter.
  private static func legendre(_ degree: Int, _ x: Double) -> (value: Double, slope: Double) {
    var (before, value) = (1.0, x)
    for n in 1..<max(2, degree) where n < degree {
      let next = (Double(2 * n + 1) * x * value - Double(n) * before) / Double(n + 1)
      (before, value) = (value, next)
    }
    return (value, Double(degree) * (x * value - before) / (x * x - 1))
  }
}
