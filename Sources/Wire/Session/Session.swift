/// One end of one connection: handshake, authenticated frames, credit.
///
/// It does no I/O and reads no clock: whoever owns the socket hands in what it received and writes out what `takeOutgoing` gives, after
/// every call of `start`, `receive`, `send` and `consumed`. It also closes connections that stay
/// unestablished, or silent, for too long.
///
/// ```
/// initiator:  idle ─start→ awaitingReply ─→ awaitingSecondMessage ─→ established
/// acceptor:   awaitingPrelude ─→ awaitingFirstMessage ─→ awaitingConfirmation ─→ established
/// any state:  ─error→ failed, for good
/// ```
package struct Session: Sendable {
  enum Phase: Sendable {
    case idle(SessionIdentity)
    case awaitingReply(SessionIdentity, prelude: [UInt8])
    case awaitingSecondMessage(SessionIdentity, NoiseHandshake, version: UInt16)
    case awaitingPrelude(SessionConfiguration)
    case awaitingFirstMessage(SessionConfiguration, NoiseHandshake, Prelude, version: UInt16)
    /// The peer knew the key, or replayed one who did: its first frame tells.
    case awaitingConfirmation(PeerIdentity)
    case established
    case failed(SessionError)
  }

  let limits: SessionLimits
  var phase: Phase

  /// Fresh for every session; gone after the handshake.
  var ephemeral: SecretBytes?

  var input = ReceiveBuffer()

  /// Handshake bytes, in clear, that come before any frame.
  var handshakeOutput: [UInt8] = []

  /// Bytes received before the other side proved its key.
  package internal(set) var bytesBeforeAuthentication = 0

  /// Ciphers of both directions, once the keys are agreed.
  var sending: TransportCipher?
  var receiving: TransportCipher?

  var controlQueue = FrameQueue()
  var bulkQueue = FrameQueue()
  var sendCredit: CreditWindow
  var receiveCredit: CreditWindow
  var owesConfirmation = false

  /// - Parameters:
  ///   - party: which end this is.
  ///   - random: where the session's private key comes from: the system's generator, but in
  ///     simulations and tests.
  package init(_ party: SessionParty, random: inout some RandomNumberGenerator) {
    ephemeral = SecretBytes.random(count: X25519.byteCount, using: &random)
    switch party {
    case .initiator(let identity):
      limits = identity.limits
      phase = .idle(identity)
    case .acceptor(let configuration):
      limits = configuration.limits
      phase = .awaitingPrelude(configuration)
    }
    sendCredit = CreditWindow(window: limits.creditWindow)
    receiveCredit = CreditWindow(window: limits.creditWindow)
  }

  /// Whether the other side has proved its key and frames flow.
  package var isEstablished: Bool {
    if case .established = phase { true } else { false }
  }

  /// Why the session ended, if it did.
  package var failure: SessionError? {
    if case .failed(let error) = phase { error } else { nil }
  }

  /// Whether part of a frame or of a handshake message is there: an end of the connection now would
  /// cut it off.
  package var holdsPartialInput: Bool { input.count > 0 }

  /// Bytes that wait to be sent, frames held back for want of credit included.
  package var queuedByteCount: Int {
    handshakeOutput.count + controlQueue.byteCount + bulkQueue.byteCount
  }

  /// Bytes of bulk frames that wait to be sent.
  package var queuedBulkByteCount: Int { bulkQueue.byteCount }

  /// Bulk payload bytes received and not yet reported as consumed.
  package var unconsumedByteCount: Int { receiveCredit.unconsumed }

  /// Whether `takeOutgoing` has something to give.
  package var hasOutgoing: Bool {
    if !handshakeOutput.isEmpty { return true }
    guard sending != nil, isEstablished else { return false }
    if owesConfirmation || receiveCredit.owesReturn || controlQueue.first != nil { return true }
    return bulkQueue.first.map { sendCredit.fits($0.payload.count) } ?? false
  }

  /// Queues the initiator's first bytes; does nothing at an acceptor or a second time.
  package mutating func start() {
    guard case .idle(let identity) = phase else { return }
    let prelude = Prelude(
      versions: identity.versions,
      role: identity.key.role,
      clusterID: identity.clusterID,
      keyID: identity.key.id
    ).encoded
    handshakeOutput += prelude
    phase = .awaitingReply(identity, prelude: prelude)
  }

  /// Takes in what arrived and says what it amounts to.
  ///
  /// An error is final: every later call throws it again, and frames of the same call are lost, as
  /// they would be had the connection broken a moment earlier. `takeOutgoing` may still give an
  /// acceptor's last words, to be written before closing.
  package mutating func receive(_ bytes: [UInt8]) throws(SessionError) -> [SessionEvent] {
    if let failure { throw failure }
    input.append(bytes)
    var events: [SessionEvent] = []
    do {
      try advance(arrived: bytes.count, into: &events)
    } catch {
      fail(error)
      throw error
    }
    input.compact()
    return events
  }

  /// Queues a frame; before the session is established it waits for that.
  ///
  /// - Throws: `payloadTooLong`, which leaves the session as it is, or the session's own end.
  package mutating func send(
    _ frame: Frame,
    class frameClass: FrameClass = .control
  ) throws(SessionError) {
    if let failure { throw failure }
    let limit = limits.payload(of: frameClass)
    guard frame.payload.count <= limit else {
      throw .payloadTooLong(byteCount: frame.payload.count, limit: limit)
    }
    switch frameClass {
    case .control: controlQueue.append(frame)
    case .bulk: bulkQueue.append(frame)
    }
  }

  /// Says that bulk payload bytes have been dealt with, so that the sender may send as many more.
  ///
  /// - Parameter byteCount: at most `unconsumedByteCount`.
  package mutating func consumed(bytes byteCount: Int) {
    if failure != nil { return }
    receiveCredit.consume(byteCount)
  }

  /// Ends the session: queues and keys are dropped.
  mutating func fail(_ error: SessionError) {
    phase = .failed(error)
    input.discard()
    controlQueue = FrameQueue()
    bulkQueue = FrameQueue()
    sending = nil
    receiving = nil
    ephemeral = nil
  }
}
