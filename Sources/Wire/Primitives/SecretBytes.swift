private import Glibc

/// Key material in one place in memory, wiped when its last owner goes away.
///
/// Copies of a value that holds it share the one buffer. What is computed from it passes through
/// registers and the stack, which nothing wipes.
package final class SecretBytes: Sendable {
  package let count: Int

  /// Where the bytes are.
  ///
  /// Invariant: `count` bytes, written only by the initializer and freed only by `deinit`, hence
  /// readable from several threads. Kept as an integer to be `Sendable`.
  private let address: UInt

  /// Copies `bytes`; wiping the original is the caller's part.
  package init(_ bytes: some Collection<UInt8>) {
    count = bytes.count
    let storage = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 32)
    for (offset, byte) in bytes.enumerated() {
      unsafe storage.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
    address = UInt(bitPattern: storage)
  }

  deinit {
    // The address came from `allocate` above.
    guard let storage = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return }
    unsafe explicit_bzero(storage, count)
    unsafe storage.deallocate()
  }

  /// Fresh bytes from `random`.
  package static func random(
    count: Int,
    using random: inout some RandomNumberGenerator
  ) -> SecretBytes {
    var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() as UInt64 >> 56) }
    defer { wipe(&bytes) }
    return SecretBytes(bytes)
  }

  /// Calls `body` with the bytes, which are valid only during the call.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe body(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count))
  }

  /// A copy for the functions that take arrays; wipe it after use.
  package var array: [UInt8] { unsafe withBytes { unsafe Array($0) } }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
  /// The count alone, so that no log and no crash report shows a key.
  package var description: String { "\(count) secret bytes" }

  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Overwrites `bytes` with zeros and empties it.
package func wipe(_ bytes: inout [UInt8]) {
  unsafe bytes.withUnsafeMutableBytes { buffer in
    guard let start = buffer.baseAddress else { return }
    unsafe explicit_bzero(start, buffer.count)
  }
  bytes = []
}
