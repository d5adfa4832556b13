/// What a simulated disk does wrong, and at which of its operations.
package struct DiskFault: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// The operation fails with this error number; an append may leave a part of its bytes.
    case failure(number: Int32)
    /// The power goes: the operation and all after it fail until `MemoryDisk.restart`, and of what
    /// was not synced an arbitrary part is lost.
    case crash
  }

  package static let inputOutputError: Int32 = 5
  package static let noSpaceLeft: Int32 = 28

  /// 0-based number of the operation.
  package var operation: Int
  package var kind: Kind

  package init(operation: Int, kind: Kind) {
    self.operation = operation
    self.kind = kind
  }
}

/// What a crash may leave of bytes that were appended and not synced.
package enum Tearing: Sendable {
  /// A beginning of them, its own end perhaps overwritten with other bytes.
  case tail
  /// A beginning of them, with a stretch anywhere in it perhaps zero: pages reach a disk in any order.
  case anywhere
}
