package import Bytes

/// The text a profile is known by; compared by UTF-8 bytes.
package struct ProfileKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let text: Text

  package init(_ text: Text) { self.text = text }

  package static func < (left: ProfileKey, right: ProfileKey) -> Bool { left.text < right.text }

  package var description: String { text.string }

  /// The shard that holds the profile: its hash modulo the set's shard count, which is at least 1.
  package func shard(of shardCount: Int) -> ShardIndex {
    ShardIndex(UInt32(shardHash(text.utf8) % UInt64(shardCount)))
  }
}

/// A shard's place in its profile set, 0-based.
package struct ShardIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let number: UInt32

  package init(_ number: UInt32) { self.number = number }

  package static func < (left: ShardIndex, right: ShardIndex) -> Bool { left.number < right.number }

  package var description: String { String(number) }
}

/// A profile set's number in the catalogue, never used again after the set is dropped.
package struct SetID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let number: UInt32

  package init(_ number: UInt32) { self.number = number }

  package static func < (left: SetID, right: SetID) -> Bool { left.number < right.number }

  package var description: String { "set-\(number)" }
}

/// A job's number in the catalogue, ascending from 1.
package struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let number: UInt64

  package init(_ number: UInt64) { self.number = number }

  package static func < (left: JobID, right: JobID) -> Bool { left.number < right.number }

  package var description: String { "job-\(number)" }
}

/// A name an operator gives to a set, a segment or a worker: 1 to 128 of `A-Z a-z 0-9 . _ -`.
package struct Name: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest name, in bytes.
  package static let byteCountMax = 128

  package let text: Text

  /// Checks the characters and the length.
  ///
  /// - Returns: `nil` when the text is no name.
  package init?(_ text: Text) {
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard allowed, (1...Name.byteCountMax).contains(text.byteCount) else { return nil }
    self.text = text
  }

  package init?(_ string: String) { self.init(Text(string)) }

  package static func < (left: Name, right: Name) -> Bool { left.text < right.text }

  package var description: String { text.string }
}
