private import Bytes

extension Session {
  /// Encrypted bytes to write now, in this order.
  ///
  /// Frames are encrypted here and not before, so a control frame queued late still overtakes every
  /// bulk frame that is not yet written. Keep `byteCount` small for the same reason.
  ///
  /// - Parameter byteCount: whole frames are given while they fit in it, and at least one.
  /// - Returns: the bytes, empty when nothing may be sent now.
  package mutating func takeOutgoing(maxBytes byteCount: Int) -> [UInt8] {
    var output = handshakeOutput
    handshakeOutput = []
    guard isEstablished else { return output }
    output.reserveCapacity(outputByteCount(max: byteCount))
    if owesConfirmation {
      owesConfirmation = false
      appendSessionFrame(FrameLayout.confirmation, payload: [], to: &output)
    }
    if let returned = receiveCredit.takeReturn() {
      var writer = ByteWriter(capacity: 8)
      writer.write(UInt64(returned))
      appendSessionFrame(FrameLayout.credit, payload: writer.bytes, to: &output)
    }
    while let next = controlQueue.first, hasRoom(for: next, in: output, max: byteCount) {
      guard let frame = controlQueue.removeFirst() else { break }
      append(frame, class: FrameClass.control.rawValue, to: &output)
    }
    guard controlQueue.first == nil else { return output }
    while let next = bulkQueue.first, sendCredit.fits(next.payload.count),
      hasRoom(for: next, in: output, max: byteCount)
    {
      guard let frame = bulkQueue.removeFirst() else { break }
      sendCredit.use(frame.payload.count)
      append(frame, class: FrameClass.bulk.rawValue, to: &output)
    }
    return output
  }

  /// The next whole frame of the input, decrypted; credit frames are dealt with on the way.
  mutating func nextFrame() throws(SessionError) -> SessionEvent? {
    while let body = try takeBody(max: limits.bodyByteCountMax) {
      if body.frameClass == FrameLayout.sessionClass {
        try take(sessionFrame: body.frame)
        continue
      }
      guard let frameClass = FrameClass(rawValue: body.frameClass) else {
        throw .unknownFrameClass(body.frameClass)
      }
      let byteCount = body.frame.payload.count
      let limit = limits.payload(of: frameClass)
      guard byteCount <= limit else { throw .frameTooLong(claimed: byteCount, limit: limit) }
      if frameClass == .bulk {
        guard receiveCredit.fits(byteCount) else {
          throw .creditExceeded(
            outstanding: receiveCredit.outstanding,
            payload: byteCount,
            window: receiveCredit.window
          )
        }
        receiveCredit.use(byteCount)
      }
      return .frame(body.frame, frameClass)
    }
    return nil
  }

  /// Reads the initiator's first frame, which only the holder of the session's keys can make.
  ///
  /// - Returns: whether it has come.
  mutating func takeConfirmation() throws(SessionError) -> Bool {
    let body: (frameClass: UInt8, frame: Frame)?
    do {
      body = try takeBody(max: Session.confirmationByteCountMax)
    } catch .tagMismatch {
      throw .authenticationFailed
    }
    guard let body else { return false }
    guard body.frameClass == FrameLayout.sessionClass else {
      throw .unknownFrameClass(body.frameClass)
    }
    guard body.frame.kind == FrameLayout.confirmation else {
      throw .unknownSessionFrame(kind: body.frame.kind)
    }
    return true
  }

  private mutating func take(sessionFrame frame: Frame) throws(SessionError) {
    guard frame.kind == FrameLayout.credit else { throw .unknownSessionFrame(kind: frame.kind) }
    var reader = ByteReader(frame.payload)
    let returned: UInt64
    do {
      returned = try reader.read(UInt64.self)
      try reader.finish()
    } catch {
      throw .malformedSessionFrame(error)
    }
    guard returned <= UInt64(sendCredit.outstanding) else {
      throw .creditOverflow(returned: returned, outstanding: sendCredit.outstanding)
    }
    sendCredit.restore(Int(returned))
  }

  /// Takes one whole frame from the input and decrypts it in place.
  private mutating func takeBody(
    max limit: Int
  ) throws(SessionError) -> (frameClass: UInt8, frame: Frame)? {
    guard let claimed = input.peekInteger(byteCount: FrameLayout.lengthByteCount) else {
      return nil
    }
    guard claimed <= limit else { throw .frameTooLong(claimed: claimed, limit: limit) }
    guard claimed >= FrameLayout.bodyByteCountMin else {
      throw .frameTooShort(claimed: claimed, least: FrameLayout.bodyByteCountMin)
    }
    guard input.count >= FrameLayout.lengthByteCount + claimed else { return nil }
    let start = input.start + FrameLayout.lengthByteCount
    guard let text = receiving?.decrypt(&input.bytes, range: start..<start + claimed) else {
      throw .tagMismatch
    }
    defer { input.skip(FrameLayout.lengthByteCount + claimed) }
    return Session.parse(input.bytes[text])
  }

  /// Splits a decrypted body of at least 14 bytes.
  private static func parse(_ body: ArraySlice<UInt8>) -> (frameClass: UInt8, frame: Frame) {
    let start = body.startIndex
    var stream: UInt32 = 0
    for index in 0..<4 { stream |= UInt32(body[start + 2 + index]) << UInt32(8 * index) }
    var epoch: UInt64 = 0
    for index in 0..<8 { epoch |= UInt64(body[start + 6 + index]) << UInt64(8 * index) }
    let frame = Frame(
      kind: body[start + 1],
      stream: stream,
      epoch: epoch,
      payload: Array(body[(start + FrameLayout.headerByteCount)...])
    )
    return (body[start], frame)
  }

  /// About what one call will give, so that its buffer is allocated once.
  private func outputByteCount(max byteCount: Int) -> Int {
    let first = (controlQueue.first ?? bulkQueue.first)?.payload.count ?? 0
    return min(queuedByteCount, max(byteCount, first + FrameLayout.overhead))
      + 2 * FrameLayout.overhead
  }

  private func hasRoom(for frame: Frame, in output: [UInt8], max byteCount: Int) -> Bool {
    output.isEmpty || output.count + frame.payload.count + FrameLayout.overhead <= byteCount
  }

  private mutating func appendSessionFrame(
    _ kind: UInt8,
    payload: [UInt8],
    to output: inout [UInt8]
  ) {
    append(Frame(kind: kind, payload: payload), class: FrameLayout.sessionClass, to: &output)
  }

  private mutating func append(_ frame: Frame, class frameClass: UInt8, to output: inout [UInt8]) {
    guard var cipher = sending, !cipher.isExhausted else { return fail(.noncesExhausted) }
    var writer = ByteWriter(capacity: FrameLayout.lengthByteCount + FrameLayout.headerByteCount)
    writer.write(UInt32(frame.payload.count + FrameLayout.bodyByteCountMin))
    let start = output.count + FrameLayout.lengthByteCount
    writer.write(frameClass)
    writer.write(frame.kind)
    writer.write(frame.stream)
    writer.write(frame.epoch)
    output += writer.bytes
    output += frame.payload
    cipher.encrypt(&output, from: start)
    sending = cipher
  }
}
