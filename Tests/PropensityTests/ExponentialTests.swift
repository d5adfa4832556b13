import Bytes
import Glibc
import Propensity
import Testing

struct ExponentialTests {
  /// Distance in representable doubles.
  private func steps(_ left: Double, _ right: Double) -> UInt64 {
    func place(_ value: Double) -> Int64 {
      let bits = Int64(bitPattern: value.bitPattern)
      return bits < 0 ? Int64.min &- bits : bits
    }
    return UInt64(place(left).distance(to: place(right)).magnitude)
  }

  @Test func `exponential agrees with the C library within two units in the last place`() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<200_000 {
      let x = (random.unit() - 0.5) * 1_416
      #expect(steps(exponential(x), Glibc.exp(x)) <= 2, "\(x)")
      let small = (random.unit() - 0.5) * 2
      #expect(steps(exponential(small), Glibc.exp(small)) <= 1, "\(small)")
    }
    for x in [-745.0, -740, -710, -708.5, 709.5, 709.78, 0, -0.0, 1e-300] {
      #expect(steps(exponential(x), Glibc.exp(x)) <= 2, "\(x)")
    }
    #expect(exponential(710) == .infinity)
    #expect(exponential(-746) == 0)
    #expect(exponential(.infinity) == .infinity)
    #expect(exponential(-.infinity) == 0)
    #expect(exponential(.nan).isNaN)
    #expect(exponential(0) == 1)
  }

  @Test func `logarithm agrees with the C library within one unit in the last place`() {
    var random = SeededRandom(seed: 6)
    for _ in 0..<200_000 {
      let x = Double(bitPattern: random.next() >> 1)
      guard x.isFinite else { continue }
      #expect(steps(naturalLogarithm(x), Glibc.log(x)) <= 1, "\(x)")
      let near = 0.5 + random.unit()
      #expect(steps(naturalLogarithm(near), Glibc.log(near)) <= 1, "\(near)")
    }
    #expect(naturalLogarithm(1) == 0)
    #expect(naturalLogarithm(0) == -.infinity)
    #expect(naturalLogarithm(-1).isNaN)
    #expect(naturalLogarithm(.infinity) == .infinity)
    #expect(
      steps(naturalLogarithm(Double.leastNonzeroMagnitude), Glibc.log(Double.leastNonzeroMagnitude))
        <= 1
    )
  }

  @Test func `the logistic function and its loss keep their precision at the ends`() {
    #expect(sigmoid(0) == 0.5)
    #expect(sigmoid(-700) > 0)
    #expect(sigmoid(1e9) == 1)
    for margin in [-40.0, -3, -1e-3, 0, 0.7, 12, 60] {
      let loss = Glibc.log1p(Glibc.exp(-margin))
      #expect(abs(logisticLoss(margin: margin, happened: true) - loss) <= 1e-15 * max(1, loss))
      #expect(
        logisticLoss(margin: margin, happened: true)
          == logisticLoss(margin: -margin, happened: false)
      )
    }
    #expect(abs(logisticLoss(margin: 60, happened: true) / Glibc.exp(-60) - 1) < 1e-12)
  }
}
