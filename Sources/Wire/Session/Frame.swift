/// One message, or one piece of bulk data, of an established session.
package struct Frame: Equatable, Sendable {
  /// Which message group or message; its meaning belongs to the room that sends it.
  package var kind: UInt8
  /// Ties frames of one request or transfer together; 0 where there is none.
  package var stream: UInt32
  /// The coordinator's reign the sender believes in; the receiver refuses lower ones.
  package var epoch: UInt64
  package var payload: [UInt8]

  package init(kind: UInt8, stream: UInt32 = 0, epoch: UInt64 = 0, payload: [UInt8] = []) {
    self.kind = kind
    self.stream = stream
    self.epoch = epoch
    self.payload = payload
  }
}

/// The two queues of a session.
package enum FrameClass: UInt8, CaseIterable, Sendable {
  /// Small messages: sent before any queued bulk frame and without credit.
  case control = 0
  /// Pieces of large transfers: sent only against the receiver's credit.
  case bulk = 1
}

/// How a frame stands on the wire.
///
/// ```
/// 0  4  byte count of what follows
/// 4  1  class: 0 control, 1 bulk, 2 session     ┐
/// 5  1  kind                                    │
/// 6  4  stream                                  │ encrypted
/// 10 8  epoch                                   │
/// 18 …  payload                                 ┘
///  … 16 tag
/// ```
enum FrameLayout {
  /// The byte count at the start.
  static let lengthByteCount = 4
  /// Class, kind, stream and epoch.
  static let headerByteCount = 14
  /// What a frame takes besides its payload.
  static let overhead = lengthByteCount + headerByteCount + ChaCha20Poly1305.tagByteCount
  /// The smallest byte count a frame can claim.
  static let bodyByteCountMin = headerByteCount + ChaCha20Poly1305.tagByteCount

  /// The class of the frames sessions send each other on their own account.
  static let sessionClass: UInt8 = 2

  /// Kind of the initiator's first frame, which proves that it has the session's keys.
  static let confirmation: UInt8 = 0
  /// Kind of a frame that returns credit: eight bytes, the bulk payload bytes consumed.
  static let credit: UInt8 = 1
}
