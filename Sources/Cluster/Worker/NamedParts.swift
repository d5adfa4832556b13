import Bytes
import Domain

/// The parts of an evaluation that a coordinator was told of on the present connection.
///
/// Shards mostly have the same parts, whose names are longer than what they took: each is named with
/// the first result that has it, and is a number in later ones.
struct NamedParts: Sendable {
  private struct Part: Hashable {
    var kind: Text
    var part: Text
    var definitions: Bitmap

    init(_ cost: SharedCost) {
      kind = cost.kind
      part = cost.part
      definitions = cost.definitions
    }
  }

  /// By number.
  private var parts: [Part] = []
  private var numbers: [Part: Int] = [:]

  /// The result as it is told: parts that were named before are numbers in it.
  mutating func shortened(_ result: TaskResult) -> TaskResult {
    var told = result
    told.sharedCosts = []
    told.namedCosts.reserveCapacity(result.sharedCosts.count)
    // Shards mostly have the same parts in the same order.
    var next = 0
    for cost in result.sharedCosts {
      let part = Part(cost)
      if let number = number(of: part, guess: next) {
        told.namedCosts.append(NamedCost(number: UInt32(number), cost: cost.cost))
        next = number + 1
      } else {
        told.sharedCosts.append(cost)
        name(part)
      }
    }
    return told
  }

  private func number(of part: Part, guess: Int) -> Int? {
    if guess < parts.count, parts[guess] == part { return guess }
    return numbers[part]
  }

  private mutating func name(_ part: Part) {
    guard parts.count < NamedCost.numberCountMax else { return }
    numbers[part] = parts.count
    parts.append(part)
  }
}
