/// The bounds of a session, all part of the protocol: both sides must hold the same.
///
/// Tests make them small; everything else uses `standard`.
package struct SessionLimits: Equatable, Sendable {
  /// Most bytes taken in before the other side has proved its key.
  package var bytesBeforeAuthentication = 1 << 10
  /// Most payload bytes of a control frame.
  package var controlPayload = 1 << 20
  /// Most payload bytes of a bulk frame.
  package var bulkPayload = 16 << 20
  /// Bulk payload bytes that may be on the way, or received and not yet consumed.
  package var creditWindow = 8 << 20
  /// Frames in one direction after which its key is replaced.
  package var framesPerKey: UInt64 = 1 << 32
  /// Encrypted bytes in one direction after which its key is replaced: 64 GiB.
  package var bytesPerKey: UInt64 = 64 << 30

  package static let standard = SessionLimits()

  package init() {}

  package func payload(of frameClass: FrameClass) -> Int {
    switch frameClass {
    case .control: controlPayload
    case .bulk: bulkPayload
    }
  }

  /// The largest byte count a frame may claim; its class is known only once it is decrypted.
  var bodyByteCountMax: Int { max(controlPayload, bulkPayload) + FrameLayout.bodyByteCountMin }
}
