package import Bytes
package import PQL

/// Where the rules of time zones come from: the system's zone files, or those of a test.
package struct ZoneSource: Sendable {
  /// The longest name that is looked for, in bytes; the longest in use has 32.
  private static let nameByteCountMax = 64

  private let read: @Sendable (String) -> [UInt8]?

  /// Takes what gives the bytes of a compiled zone file by its name, `nil` when there is none.
  ///
  /// Only names of letters, digits and `_ + - /` are asked for, none of them a way out of the folder.
  package init(_ read: @escaping @Sendable (String) -> [UInt8]?) { self.read = read }

  /// Knows no zone but UTC.
  package static let utcOnly = ZoneSource { _ in nil }

  /// The zone of a name as the IANA database spells it; `nil` when there is none.
  package func zone(named name: Text) -> Zone? {
    if name == Zone.utc.name { return .utc }
    guard ZoneSource.isWellFormed(name), let bytes = read(name.string) else { return nil }
    return try? Zone(name: name, tzif: bytes)
  }

  private static func isWellFormed(_ name: Text) -> Bool {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return name.byteCount <= nameByteCountMax
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
              UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
              UInt8(ascii: "-"):
              true
            default: false
            }
          }
      }
  }
}
