/// The protocol versions a process speaks.
package struct ProtocolVersions: Equatable, Sendable {
  package let lowest: UInt16
  package let highest: UInt16

  /// What this build speaks.
  package static let current = ProtocolVersions(1...1)

  package init(_ range: ClosedRange<UInt16>) {
    lowest = range.lowerBound
    highest = range.upperBound
  }

  /// - Returns: `nil` when the range is empty.
  package init?(lowest: UInt16, highest: UInt16) {
    guard lowest <= highest else { return nil }
    self.lowest = lowest
    self.highest = highest
  }

  package func contains(_ version: UInt16) -> Bool { (lowest...highest).contains(version) }

  /// The highest version of both.
  package func highestCommon(with other: ProtocolVersions) -> UInt16? {
    let candidate = min(highest, other.highest)
    return candidate >= max(lowest, other.lowest) ? candidate : nil
  }
}

extension ProtocolVersions: CustomStringConvertible {
  package var description: String { lowest == highest ? "\(lowest)" : "\(lowest) to \(highest)" }
}
